'use strict'
// tokens.js GRAMMAR FILE...: what the libraries of VS Code make of texts.
//
// Prints one JSON line per line of each file: {file, text, tokens: [[start, end,
// scopes]]}, without the scope that all have. NODE_PATH tells where the modules are.
const fs = require('fs')
const oniguruma = require('vscode-oniguruma')
const textmate = require('vscode-textmate')

async function main () {
  const [grammarPath, ...files] = process.argv.slice(2)
  await oniguruma.loadWASM(fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')).buffer)
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: patterns => new oniguruma.OnigScanner(patterns),
      createOnigString: text => new oniguruma.OnigString(text)
    }),
    loadGrammar: async scope => scope === 'source.bg'
      ? textmate.parseRawGrammar(fs.readFileSync(grammarPath, 'utf8'), grammarPath)
      : null
  })
  const grammar = await registry.loadGrammar('source.bg')
  for (const file of files) {
    let stack = textmate.INITIAL
    for (const text of fs.readFileSync(file, 'utf8').split('\n')) {
      const line = grammar.tokenizeLine(text, stack)
      stack = line.ruleStack
      const tokens = line.tokens.map(t => [t.startIndex, Math.min(t.endIndex, text.length), t.scopes.slice(1).join(' ')])
      process.stdout.write(JSON.stringify({ file, text, tokens }) + '\n')
    }
  }
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
