-- Run by headless Neovim: one session of somebody who edits a .bg file. Prints what
-- was seen, one line each, as JSON; test_neovim.py judges it.
local here = vim.env.BG_HERE -- tests/editors
vim.opt.runtimepath:prepend(vim.env.BG_VIM)
vim.o.swapfile = false
vim.g.bgc_path = vim.env.BGC
vim.cmd('filetype plugin indent on | syntax enable')
dofile(vim.env.BG_VIM .. '/lsp.lua')

local out = {}
local function say(what, value)
  table.insert(out, vim.fn.json_encode({ what, value }))
end
local function finish()
  vim.fn.writefile(out, vim.env.BG_OUT)
end
local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then
    say('timeout', what)
    finish()
    vim.cmd('cquit')
  end
end
local function text()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end
local function go(pattern, shift)
  vim.fn.cursor(1, 1)
  assert(vim.fn.search(pattern, 'cW') > 0, pattern)
  local at = vim.api.nvim_win_get_cursor(0)
  vim.api.nvim_win_set_cursor(0, { at[1], at[2] + (shift or 0) })
end
local function diagnostics()
  return vim.tbl_map(function(d)
    return { code = d.code or (d.user_data and d.user_data.lsp and d.user_data.lsp.code), line = d.lnum, message = d.message }
  end, vim.diagnostic.get(0))
end

local function session()
  -- a broken file shows what is wrong, and then not any more
  vim.cmd('edit shop.bg')
  say('filetype', vim.bo.filetype)
  wait('a client', function()
    return #vim.lsp.buf_get_clients(0) > 0
  end)
  wait('diagnostics', function()
    return #vim.diagnostic.get(0) > 0
  end)
  say('broken', diagnostics())
  vim.cmd([[%s/drian  = 30s/drain  = 30s/]])
  wait('no diagnostics', function()
    return #vim.diagnostic.get(0) == 0
  end)
  say('mended', diagnostics())

  -- completion, accepted
  go('resource tg:')
  vim.cmd('normal! o    ')
  vim.api.nvim_set_current_line('    dr')
  vim.api.nvim_win_set_cursor(0, { vim.fn.line('.'), 5 })
  vim.cmd('normal! A')
  vim.api.nvim_win_set_cursor(0, { vim.fn.line('.'), 6 })
  local params = vim.lsp.util.make_position_params()
  params.position.character = 6
  local answers = vim.lsp.buf_request_sync(0, 'textDocument/completion', params, 20000)
  local _, answer = next(answers)
  local labels, stickiness = {}, nil
  for _, item in ipairs(answer.result.items) do
    table.insert(labels, item.label)
    if item.label == 'stickiness' or item.label == 'protocol' then
      stickiness = stickiness or item
    end
  end
  say('completion', labels)
  if stickiness then
    stickiness.textEdit.newText = stickiness.label .. ' = '
    vim.lsp.util.apply_text_edits({ stickiness.textEdit }, 0, 'utf-16')
  end
  say('accepted', vim.api.nvim_get_current_line())
  vim.cmd('delete')

  -- hover
  go('resource tg: elbv2.target_group', 16)
  answers = vim.lsp.buf_request_sync(0, 'textDocument/hover', vim.lsp.util.make_position_params(), 20000)
  _, answer = next(answers)
  say('hover', answer.result.contents.value)

  -- a definition in the file, and one in the library
  go('targets  = .tg', 12)
  vim.lsp.buf.definition()
  wait('the definition', function()
    return vim.api.nvim_get_current_line():find('resource tg:') ~= nil
  end)
  say('definition', vim.api.nvim_get_current_line())
  go('resource tg: elbv2.target_group', 20)
  vim.cmd('write')
  vim.lsp.buf.definition()
  wait('the library', function()
    return vim.api.nvim_buf_get_name(0):find('stdlib/aws/elbv2.bg') ~= nil
  end)
  say('library', vim.api.nvim_get_current_line())
  vim.cmd('buffer shop.bg')

  -- rename
  go('resource tg: elbv2', 9)
  vim.lsp.buf.rename('targets')
  wait('the new name', function()
    return vim.fn.search('resource targets:', 'nw') > 0
  end)
  say('renamed', vim.tbl_filter(function(line)
    return line:find('targets') ~= nil
  end, text()))
  wait('sound after it', function()
    return #vim.diagnostic.get(0) == 0
  end)

  -- formatting
  vim.cmd([[%s/let host = /let   host=/]])
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = 20000 })
  else
    vim.lsp.buf.formatting_sync({}, 20000)
  end
  go('let *host')
  say('formatted', vim.api.nvim_get_current_line())
  vim.cmd('write')

  -- what an editor does by itself
  vim.cmd('enew | setfiletype bg')
  vim.api.nvim_buf_set_lines(0, 0, -1, false, { 'world web {', 'resource a: ec2.vpc {', 'x = [', '1,', ']', '}', '}' })
  vim.cmd('normal! gg=G')
  say('indented', text())
  vim.cmd('bwipeout!')
end

local ok, err = pcall(session)
if not ok then
  say('error', tostring(err))
end
finish()
for _, client in pairs(vim.lsp.get_active_clients and vim.lsp.get_active_clients() or vim.lsp.get_clients()) do
  client.stop()
end
vim.wait(500)
vim.cmd(ok and 'qall!' or 'cquit')
