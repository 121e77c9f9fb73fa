'use strict'
// Starts `bgc lsp` and connects it to VS Code; everything else is done there.
const vscode = require('vscode')
const { LanguageClient } = require('vscode-languageclient/node')

let client

async function start () {
  const command = vscode.workspace.getConfiguration('bgc').get('path') || 'bgc'
  const server = { command, args: ['lsp'] }
  client = new LanguageClient('bgc', 'bgc', { run: server, debug: server }, {
    documentSelector: [{ language: 'bg' }]
  })
  try {
    await client.start()
  } catch (error) {
    const choice = await vscode.window.showErrorMessage(
      `bgc: cannot run \`${command} lsp\`: ${error.message}`, 'Settings')
    if (choice) vscode.commands.executeCommand('workbench.action.openSettings', 'bgc.path')
  }
}

async function stop () {
  const running = client
  client = undefined
  if (running && running.isRunning()) await running.stop()
}

async function restart () {
  await stop()
  await start()
}

function activate (context) {
  context.subscriptions.push(
    vscode.commands.registerCommand('bgc.restart', restart),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration('bgc.path')) restart()
    }))
  return start()
}

module.exports = { activate, deactivate: stop }
