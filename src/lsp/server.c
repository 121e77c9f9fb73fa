#include "lsp/server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/version.h"
#include "lsp/features.h"
#include "lsp/frame.h"
#include "lsp/uri.h"

enum code { /* of JSON-RPC and of the protocol */
    CODE_PARSE = -32700,
    CODE_INVALID = -32600,
    CODE_NO_METHOD = -32601,
    CODE_PARAMS = -32602,
    CODE_NOT_INITIALIZED = -32002,
    CODE_REFUSED = -32803, /* RequestFailed */
};

enum stage { STAGE_NEW, STAGE_READY, STAGE_SHUTDOWN, STAGE_EXIT };

struct server {
    enum stage stage;
    int status;
    struct frames in;
    char *out;
    size_t out_len, out_cap;
    bool taken; /* what is in `out` was taken */
    struct workspace ws;
    bool changed; /* something is to be compiled and published */
    char *library;
};

/* ---- saying things --------------------------------------------------- */

static void put(struct server *s, const char *bytes, size_t n)
{
    if (s->taken) {
        s->out_len = 0;
        s->taken = false;
    }
    if (s->out_len + n > s->out_cap) {
        size_t cap = s->out_cap ? s->out_cap : 65536;
        while (cap < s->out_len + n)
            cap *= 2;
        char *at = realloc(s->out, cap);
        if (!at) {
            fprintf(stderr, "bgc: out of memory (an answer)\n");
            exit(1);
        }
        s->out = at;
        s->out_cap = cap;
    }
    memcpy(s->out + s->out_len, bytes, n);
    s->out_len += n;
}

static void say(struct server *s, json_t *message)
{
    json_object_set_new(message, "jsonrpc", json_string("2.0"));
    char *text = json_dumps(message, JSON_COMPACT);
    json_decref(message);
    if (!text)
        return;
    char head[64];
    int n = snprintf(head, sizeof head, "Content-Length: %zu\r\n\r\n", strlen(text));
    put(s, head, (size_t)n);
    put(s, text, strlen(text));
    free(text);
}

static void answer(struct server *s, const json_t *id, json_t *result)
{
    json_t *m = json_object();
    json_object_set(m, "id", (json_t *)(uintptr_t)id);
    json_object_set_new(m, "result", result ? result : json_null());
    say(s, m);
}

static void refuse(struct server *s, const json_t *id, enum code code, const char *why)
{
    json_t *m = json_object();
    if (id)
        json_object_set(m, "id", (json_t *)(uintptr_t)id);
    else
        json_object_set_new(m, "id", json_null());
    json_object_set_new(m, "error",
                        json_pack("{s:i, s:o}", "code", code, "message",
                                  json_text(why, strlen(why))));
    say(s, m);
}

static void publish(void *self, const char *uri, json_t *diagnostics)
{
    struct server *s = self;
    const struct document *d = documents_find(&s->ws.documents, uri);
    json_t *params = json_pack("{s:s, s:o}", "uri", uri, "diagnostics", diagnostics);
    if (d)
        json_object_set_new(params, "version", json_integer(d->version));
    say(s, json_pack("{s:s, s:o}", "method", "textDocument/publishDiagnostics", "params", params));
}

/* ---- what the editor can do ------------------------------------------ */

static const json_t *reach(const json_t *o, const char *path)
{
    char word[64];
    while (o && *path) {
        size_t n = strcspn(path, ".");
        snprintf(word, sizeof word, "%.*s", (int)n, path);
        o = json_object_get(o, word);
        path += n + (path[n] == '.');
    }
    return o;
}

static bool lists(const json_t *list, const char *word)
{
    const json_t *one;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)list, i, one)
        if (json_is_string(one) && !strcmp(json_string_value(one), word))
            return true;
    return false;
}

static void learn(struct client *c, const json_t *params)
{
    const json_t *can = json_object_get(params, "capabilities");
    const json_t *text = json_object_get(can, "textDocument");
    const json_t *encodings = reach(can, "general.positionEncodings");
    /* UTF-8 is the compiler's own; else UTF-16, which every editor must know. */
    c->encoding = lists(encodings, "utf-8") ? ENCODING_UTF8 : ENCODING_UTF16;
    c->related = json_is_true(reach(text, "publishDiagnostics.relatedInformation"));
    c->tags = reach(text, "publishDiagnostics.tagSupport") &&
              !json_is_false(reach(text, "publishDiagnostics.tagSupport"));
    c->descriptions = json_is_true(reach(text, "publishDiagnostics.codeDescriptionSupport"));
    c->outline = json_is_true(reach(text, "documentSymbol.hierarchicalDocumentSymbolSupport"));
    c->snippets = json_is_true(reach(text, "completion.completionItem.snippetSupport"));
    c->markdown = lists(reach(text, "hover.contentFormat"), "markdown");
    c->versions = json_is_true(reach(can, "workspace.workspaceEdit.documentChanges"));
    c->watches = json_is_true(reach(can, "workspace.didChangeWatchedFiles.dynamicRegistration"));
}

static json_t *capabilities(const struct client *c)
{
    json_t *can = json_pack(
        "{s:s, s:{s:b, s:i, s:{s:b}}, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b, s:b}",
        "positionEncoding", c->encoding == ENCODING_UTF8 ? "utf-8" : "utf-16", "textDocumentSync",
        "openClose", 1, "change", 2, "save", "includeText", 0, "hoverProvider", 1,
        "definitionProvider", 1, "typeDefinitionProvider", 1, "referencesProvider", 1,
        "documentHighlightProvider", 1, "documentSymbolProvider", 1, "foldingRangeProvider", 1,
        "documentFormattingProvider", 1, "documentRangeFormattingProvider", 1);
    json_object_set_new(can, "renameProvider", json_pack("{s:b}", "prepareProvider", 1));
    json_object_set_new(can, "completionProvider",
                        json_pack("{s:[s,s,s,s,s,s]}", "triggerCharacters", ".", "=", ":", "\"", "[",
                                  "{"));
    json_object_set_new(can, "signatureHelpProvider",
                        json_pack("{s:[s,s]}", "triggerCharacters", "(", ","));
    json_object_set_new(can, "semanticTokensProvider",
                        json_pack("{s:o, s:b}", "legend", tokens_legend(), "full", 1));
    json_object_set_new(can, "codeActionProvider",
                        json_pack("{s:[s,s]}", "codeActionKinds", "quickfix",
                                  "source.fixAll"));
    return can;
}

static void add_folder(struct server *s, const json_t *uri)
{
    struct arena *a = arena_new("folder");
    const char *path = json_is_string(uri) ? uri_path(a, json_string_value(uri)) : NULL;
    size_t n = path ? strlen(path) : 0;
    while (n > 1 && path[n - 1] == '/')
        n--;
    if (n)
        json_array_append_new(s->ws.folders, json_text(path, n));
    arena_free(a);
}

static json_t *initialize(struct server *s, const json_t *params)
{
    const json_t *folder;
    size_t i;
    learn(&s->ws.client, params);
    add_folder(s, json_object_get(params, "rootUri"));
    json_array_foreach(json_object_get(params, "workspaceFolders"), i, folder)
        add_folder(s, json_object_get(folder, "uri"));
    return json_pack("{s:o, s:{s:s, s:s}}", "capabilities", capabilities(&s->ws.client),
                     "serverInfo", "name", "bgc", "version", bgc_version());
}

static void initialized(struct server *s)
{
    if (!s->ws.client.watches)
        return;
    say(s, json_pack("{s:s, s:s, s:{s:[{s:s, s:s, s:{s:[{s:s}]}}]}}", "id", "watch", "method",
                     "client/registerCapability", "params", "registrations", "id", "watch",
                     "method", "workspace/didChangeWatchedFiles", "registerOptions", "watchers",
                     "globPattern", "**/{*.bg,bgc.lock}"));
}

/* ---- documents ------------------------------------------------------- */

static struct document *document_of(struct server *s, const json_t *params)
{
    const json_t *uri = reach(params, "textDocument.uri");
    return json_is_string(uri) ? documents_find(&s->ws.documents, json_string_value(uri)) : NULL;
}

static void did_open(struct server *s, const json_t *params)
{
    const json_t *d = json_object_get(params, "textDocument");
    const json_t *uri = json_object_get(d, "uri"), *text = json_object_get(d, "text");
    if (!json_is_string(uri) || !json_is_string(text))
        return;
    workspace_open(&s->ws, json_string_value(uri), json_string_value(text),
                   json_string_length(text), json_integer_value(json_object_get(d, "version")));
    s->changed = true;
}

static void did_change(struct server *s, const json_t *params)
{
    struct document *d = document_of(s, params);
    const json_t *change;
    size_t i;
    if (!d)
        return;
    json_array_foreach(json_object_get(params, "contentChanges"), i, change)
        document_change(d, change, s->ws.client.encoding);
    d->version = json_integer_value(reach(params, "textDocument.version"));
    workspace_changed(&s->ws, d);
    s->changed = true;
}

static void did_close(struct server *s, const json_t *params)
{
    struct document *d = document_of(s, params);
    if (!d)
        return;
    workspace_close(&s->ws, d);
    s->changed = true;
}

static void files_changed(struct server *s, const json_t *params)
{
    (void)params;
    workspace_stale(&s->ws);
    s->changed = true;
}

/* ---- requests -------------------------------------------------------- */

static const struct {
    const char *method;
    json_t *(*answer)(struct request *r);
    bool position; /* is asked about one */
} features[] = {
    {"textDocument/completion", feature_completion, true},
    {"textDocument/signatureHelp", feature_signature, true},
    {"textDocument/hover", feature_hover, true},
    {"textDocument/definition", feature_definition, true},
    {"textDocument/typeDefinition", feature_type_definition, true},
    {"textDocument/references", feature_references, true},
    {"textDocument/documentHighlight", feature_highlight, true},
    {"textDocument/prepareRename", feature_prepare_rename, true},
    {"textDocument/rename", feature_rename, true},
    {"textDocument/documentSymbol", feature_symbols, false},
    {"textDocument/foldingRange", feature_folding, false},
    {"textDocument/semanticTokens/full", feature_tokens, false},
    {"textDocument/formatting", feature_format, false},
    {"textDocument/rangeFormatting", feature_format_range, false},
    {"textDocument/codeAction", feature_actions, false},
};

static const struct {
    const char *method;
    void (*take)(struct server *s, const json_t *params);
} notices[] = {
    {"textDocument/didOpen", did_open},
    {"textDocument/didChange", did_change},
    {"textDocument/didClose", did_close},
    {"textDocument/didSave", files_changed},
    {"workspace/didChangeWatchedFiles", files_changed},
};

static void run_feature(struct server *s, size_t i, const json_t *id, const json_t *params)
{
    struct position at;
    struct document *d = document_of(s, params);
    if (!d) {
        refuse(s, id, CODE_PARAMS, "this document is not open");
        return;
    }
    if (features[i].position && !position_read(json_object_get(params, "position"), &at)) {
        refuse(s, id, CODE_PARAMS, "a position is missing");
        return;
    }
    struct request r = {.ws = &s->ws, .a = arena_new("request"), .params = params, .doc = d};
    r.an = workspace_program(&s->ws, d, &r.file);
    r.text = analysis_text(r.an, r.file);
    if (features[i].position)
        r.offset = text_offset(r.text, at);
    json_t *result = features[i].answer(&r);
    if (r.refusal) {
        json_decref(result);
        refuse(s, id, CODE_REFUSED, r.refusal);
    } else {
        answer(s, id, result);
    }
    arena_free(r.a);
}

static void request(struct server *s, const char *method, const json_t *id, const json_t *params)
{
    if (!strcmp(method, "initialize")) {
        if (s->stage != STAGE_NEW) {
            refuse(s, id, CODE_INVALID, "it is initialized already");
            return;
        }
        s->stage = STAGE_READY;
        answer(s, id, initialize(s, params));
        return;
    }
    if (s->stage == STAGE_NEW) {
        refuse(s, id, CODE_NOT_INITIALIZED, "`initialize` comes first");
        return;
    }
    if (s->stage == STAGE_SHUTDOWN) {
        refuse(s, id, CODE_INVALID, "it was shut down: only `exit` may follow");
        return;
    }
    if (!strcmp(method, "shutdown")) {
        s->stage = STAGE_SHUTDOWN;
        answer(s, id, NULL);
        return;
    }
    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        if (!strcmp(features[i].method, method)) {
            run_feature(s, i, id, params);
            return;
        }
    refuse(s, id, CODE_NO_METHOD, "there is no such method");
}

static void notice(struct server *s, const char *method, const json_t *params)
{
    if (!strcmp(method, "exit")) {
        s->status = s->stage == STAGE_SHUTDOWN ? 0 : 1;
        s->stage = STAGE_EXIT;
        return;
    }
    if (s->stage != STAGE_READY)
        return;
    if (!strcmp(method, "initialized"))
        initialized(s);
    for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
        if (!strcmp(notices[i].method, method))
            notices[i].take(s, params);
}

static void take(struct server *s, const json_t *m)
{
    const json_t *method = json_object_get(m, "method"), *id = json_object_get(m, "id");
    bool sound_id = json_is_integer(id) || json_is_string(id);
    if (json_is_array(m)) {
        refuse(s, NULL, CODE_INVALID, "batches are not part of the protocol");
    } else if (!json_is_object(m) || (id && !sound_id && !json_is_null(id))) {
        refuse(s, NULL, CODE_INVALID, "this is no message");
    } else if (!method) {
        if (!json_object_get(m, "result") && !json_object_get(m, "error"))
            refuse(s, sound_id ? id : NULL, CODE_INVALID, "a message has a method");
        /* else an answer to what was asked of the editor: nothing is done with it */
    } else if (!json_is_string(method)) {
        refuse(s, sound_id ? id : NULL, CODE_INVALID, "a method is a string");
    } else if (sound_id) {
        request(s, json_string_value(method), id, json_object_get(m, "params"));
    } else {
        notice(s, json_string_value(method), json_object_get(m, "params"));
    }
}

/* ---- the machine ----------------------------------------------------- */

struct server *server_new(const char *library)
{
    struct server *s = calloc(1, sizeof *s);
    char *own = library ? strdup(library) : NULL;
    if (!s || (library && !own)) {
        fprintf(stderr, "bgc: out of memory (the server)\n");
        exit(1);
    }
    s->library = own;
    s->ws.library = own;
    s->ws.folders = json_array();
    s->ws.publish = publish;
    s->ws.self = s;
    return s;
}

void server_free(struct server *s)
{
    workspace_free(&s->ws);
    frames_free(&s->in);
    free(s->out);
    free(s->library);
    free(s);
}

void server_feed(struct server *s, const char *bytes, size_t n)
{
    const char *body;
    size_t len;
    frames_add(&s->in, bytes, n);
    while (s->stage != STAGE_EXIT) {
        enum frame f = frames_next(&s->in, &body, &len);
        if (f == FRAME_NONE)
            break;
        if (f == FRAME_BAD) {
            refuse(s, NULL, CODE_PARSE, "this is no header of a message");
            continue;
        }
        json_error_t error;
        json_t *m = json_loadb(body, len, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
        if (!m) {
            refuse(s, NULL, CODE_PARSE, error.text);
            continue;
        }
        take(s, m);
        json_decref(m);
    }
}

bool server_idle(struct server *s)
{
    if (s->stage != STAGE_READY)
        return false;
    if (s->changed) {
        s->changed = false;
        workspace_settle(&s->ws);
        return workspace_lint_waits(&s->ws);
    }
    workspace_lint(&s->ws);
    return false;
}

const char *server_output(struct server *s, size_t *n)
{
    *n = s->taken ? 0 : s->out_len;
    s->taken = true;
    return s->out;
}

bool server_done(const struct server *s, int *status)
{
    *status = s->stage == STAGE_SHUTDOWN ? 0 : s->stage == STAGE_EXIT ? s->status : 1;
    return s->stage == STAGE_EXIT;
}
