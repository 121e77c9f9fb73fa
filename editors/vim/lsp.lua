-- Starts `bgc lsp` for .bg files: an example for Neovim 0.7 and later, without
-- plugins. With nvim-lspconfig or Neovim 0.11's vim.lsp.config only the command
-- is needed: cmd = { 'bgc', 'lsp' }, filetypes = { 'bg' }.
local clients = {} -- by folder: files of one program share a server

local function root_of(path)
  local found = vim.fn.finddir('.git', vim.fn.fnamemodify(path, ':h') .. ';')
  if found ~= '' then
    return vim.fn.fnamemodify(found, ':p:h:h')
  end
  return vim.fn.fnamemodify(path, ':p:h')
end

local function keys(_, buffer)
  local function map(key, what)
    vim.keymap.set('n', key, what, { buffer = buffer, silent = true })
  end
  vim.bo[buffer].omnifunc = 'v:lua.vim.lsp.omnifunc' -- CTRL-X CTRL-O completes
  map('gd', vim.lsp.buf.definition)
  map('gr', vim.lsp.buf.references)
  map('K', vim.lsp.buf.hover)
  map('<leader>rn', vim.lsp.buf.rename)
  map('<leader>ca', vim.lsp.buf.code_action)
  map('<leader>f', vim.lsp.buf.format or vim.lsp.buf.formatting)
end

local function attach(buffer)
  local root = root_of(vim.api.nvim_buf_get_name(buffer))
  local id = clients[root]
  if not id or not vim.lsp.get_client_by_id(id) then
    id = vim.lsp.start_client({
      name = 'bgc',
      cmd = { vim.g.bgc_path or 'bgc', 'lsp' },
      root_dir = root,
      workspace_folders = { { name = root, uri = vim.uri_from_fname(root) } },
      on_attach = keys,
    })
    clients[root] = id
  end
  if id then
    vim.lsp.buf_attach_client(buffer, id)
  end
end

vim.api.nvim_create_autocmd('FileType', {
  pattern = 'bg',
  callback = function(event)
    attach(event.buf)
  end,
})
