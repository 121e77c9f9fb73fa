/* fuzz_lsp.c - the language server: any bytes, or a session made of them.
 *
 * The first byte says which. Raw: the rest is what an editor sent. Session: the rest
 * decides what is opened, edited, asked and closed, in two documents, with positions in
 * UTF-8 or UTF-16 that this file counts by itself.
 *
 * What must hold: whatever the server says is messages of JSON-RPC 2.0, each as long as
 * its header says; how the bytes are cut into pieces changes nothing; in a session each
 * request is answered exactly once and nothing else is; and what it last published of
 * a document is what a fresh server says of the same texts. See README.md for how to run it.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "fuzz_must.h"
#include "lsp/server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RAW_MAX = 8000, /* less than the longest header: see frame.c */ STEPS_MAX = 64, DOCUMENTS = 2 };

/* ---- what the server said ------------------------------------------------------- */

/* The messages in its output, as an array. */
static json_t *said(struct server *s)
{
    size_t n;
    const char *at = server_output(s, &n);
    json_t *all = json_array();
    while (n) {
        size_t length;
        int head = 0;
        must(memchr(at, '\n', n) != NULL);
        must(sscanf(at, "Content-Length: %zu\r\n\r\n%n", &length, &head) == 1 && head > 0);
        must((size_t)head + length <= n);
        /* %n counts blanks that belong to the body: there are none */
        json_t *m = json_loadb(at + head, length, 0, NULL);
        must(json_is_object(m));
        must(!strcmp(json_string_value(json_object_get(m, "jsonrpc")), "2.0"));
        const json_t *id = json_object_get(m, "id");
        if (json_object_get(m, "method"))
            must(json_is_string(json_object_get(m, "method")));
        else
            must(id && !json_object_get(m, "result") == !!json_object_get(m, "error"));
        json_array_append_new(all, m);
        at += (size_t)head + length;
        n -= (size_t)head + length;
    }
    return all;
}

static json_t *settle(struct server *s)
{
    while (server_idle(s))
        ;
    return said(s);
}

/* ---- raw ------------------------------------------------------------------------- */

static bool was_refused(const json_t *all)
{
    json_t *one;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)all, i, one)
        if (json_object_get(one, "error"))
            return true;
    return false;
}

static void raw(const uint8_t *data, size_t size)
{
    struct server *whole = server_new(NULL), *pieces = server_new(NULL);
    size_t piece = size ? 1 + data[0] % 61 : 1;
    if (size > RAW_MAX)
        size = RAW_MAX;
    server_feed(whole, (const char *)data, size);
    for (size_t at = 0; at < size; at += piece)
        server_feed(pieces, (const char *)data + at, size - at < piece ? size - at : piece);
    json_t *x = said(whole), *y = said(pieces);
    /* where bytes were skipped, how much was there at once decides how much */
    must(was_refused(x) || json_equal(x, y));
    json_decref(x);
    json_decref(y);
    json_decref(settle(whole));
    int status;
    server_done(whole, &status);
    server_free(whole);
    server_free(pieces);
}

/* ---- a session -------------------------------------------------------------------- */

struct document {
    bool open;
    struct buf text;
    int version;
};

struct session {
    const uint8_t *at, *end;
    struct arena *arena;
    struct server *server;
    bool utf16;
    struct document documents[DOCUMENTS];
    json_t *published; /* uri -> diagnostics */
    int asked;         /* ids 1.. */
    uint8_t answers[STEPS_MAX + 2];
};

static const char *const uris[DOCUMENTS] = {"file:///nonexistent/fuzz/a.bg",
                                            "file:///nonexistent/fuzz/parts.bg"};

/* What is typed, besides the bytes of the input. */
static const char *const typed[] = {
    "stack s { region = \"eu-west-1\" }\n",
    "use \"./parts.bg\" = parts\n",
    "input n: int = 3\n",
    "output o = n + 1\n",
    "let x = \"a${n}b\"\n",
    "module m(k: int = 1) {\n  out v = k * 2\n}\n",
    "shared {\n  module p: parts.m { k = 2 }\n}\n",
    "fn f(a: int): int = a + 1\n",
    "assert n < 5 else \"no\"\n",
    "shared {\n  existing v: ec2.vpc { name = \"main\" }\n  resource g: ec2.security_group { vpc = v }\n}\n",
    "world web {\n  resource l: logs.group { retain = 30d }\n  entry l\n}\n",
    "gate g {\n  check c: web.l.lines < 5 per 1m\n}\n",
    "test \"t\" {\n  given n = 2\n  expect n == 2\n}\n",
    "# \xc3\xa4\xe6\xbc\xa2\xf0\x9f\x98\x80 \r\n",
    "\"\"\"\n  block ${n}\n\"\"\"",
    "[for x in [1, 2]: x]",
    "{ a = 1, b = none }",
    "}", "{", "(", "\"", "${", ".", "=", ":", "\n", "\r\n", " ", "n", "50%", "10.0.0.0/8",
};

static uint8_t next(struct session *s)
{
    return s->at < s->end ? *s->at++ : 0;
}

static const char *some_text(struct session *s)
{
    uint8_t which = next(s);
    if (which < 192)
        return typed[which % (sizeof typed / sizeof *typed)];
    /* bytes of the input, as characters of one, two, three or four bytes */
    static const char *const wide[] = {"\xc3\xa4", "\xe6\xbc\xa2", "\xf0\x9f\x98\x80", "\xe2\x80\xae"};
    struct buf b;
    buf_init(&b, s->arena);
    for (int n = which % 32; n > 0; n--) {
        uint8_t c = next(s);
        if (c < 0x80 && c)
            buf_putc(&b, (char)c);
        else
            buf_puts(&b, wide[c % 4]);
    }
    return buf_text(&b);
}

/* The beginning of a character, somewhere in the text. */
static size_t some_place(struct session *s, struct document *d)
{
    size_t at = ((size_t)next(s) << 8 | next(s)) % (d->text.len + 1);
    const char *text = buf_text(&d->text);
    while (at && ((unsigned char)text[at] & 0xc0) == 0x80)
        at--;
    return at && at < d->text.len && text[at] == '\n' && text[at - 1] == '\r' ? at - 1 : at;
}

static json_t *place_json(const struct session *s, struct document *d, size_t offset)
{
    const char *text = buf_text(&d->text);
    int line = 0, units = 0;
    for (size_t i = 0; i < offset; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\n' || (c == '\r' && text[i + 1] != '\n')) {
            line++;
            units = 0;
        } else if (!s->utf16) {
            units++;
        } else {
            units += (c & 0xc0) == 0x80 ? 0 : c >= 0xf0 ? 2 : 1;
        }
    }
    return json_pack("{s:i, s:i}", "line", line, "character", units);
}

static void hear(struct session *s, json_t *all)
{
    json_t *one;
    size_t i;
    json_array_foreach(all, i, one) {
        const char *method = json_string_value(json_object_get(one, "method"));
        const json_t *params = json_object_get(one, "params");
        if (method) {
            must(!strcmp(method, "textDocument/publishDiagnostics"));
            const char *uri = json_string_value(json_object_get(params, "uri"));
            must(uri && json_is_array(json_object_get(params, "diagnostics")));
            json_object_set(s->published, uri, json_object_get(params, "diagnostics"));
            continue;
        }
        json_int_t id = json_integer_value(json_object_get(one, "id"));
        must(id >= 1 && id <= s->asked);
        must(!s->answers[id]++);
    }
    json_decref(all);
}

static void send(struct session *s, json_t *message)
{
    char *body = json_dumps(message, JSON_COMPACT);
    must(body != NULL);
    struct buf b;
    buf_init(&b, s->arena);
    buf_printf(&b, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
    server_feed(s->server, buf_text(&b), b.len);
    free(body);
    json_decref(message);
    hear(s, said(s->server));
}

static void tell(struct session *s, const char *method, json_t *params)
{
    send(s, json_pack("{s:s, s:s, s:o}", "jsonrpc", "2.0", "method", method, "params", params));
}

/* Answered before the next message, exactly once. */
static void ask(struct session *s, const char *method, json_t *params)
{
    int id = ++s->asked;
    send(s, json_pack("{s:s, s:i, s:s, s:o}", "jsonrpc", "2.0", "id", id, "method", method,
                      "params", params));
    must(s->answers[id] == 1);
}

static void open_document(struct session *s, int k, const char *text)
{
    struct document *d = &s->documents[k];
    d->open = true;
    buf_init(&d->text, s->arena);
    buf_puts(&d->text, text);
    tell(s, "textDocument/didOpen",
         json_pack("{s:{s:s, s:s, s:i, s:s}}", "textDocument", "uri", uris[k], "languageId", "bg",
                   "version", ++d->version, "text", text));
}

static void close_document(struct session *s, int k)
{
    s->documents[k].open = false;
    tell(s, "textDocument/didClose",
         json_pack("{s:{s:s}}", "textDocument", "uri", uris[k]));
}

static void edit(struct session *s, int k)
{
    struct document *d = &s->documents[k];
    size_t x = some_place(s, d), y = x;
    uint8_t how = next(s);
    const char *text = some_text(s), *old = buf_text(&d->text);
    if (how & 1)
        y = some_place(s, d);
    size_t start = x < y ? x : y, end = x < y ? y : x;
    json_t *change = json_pack("{s:s}", "text", text);
    if (how % 16 == 15) { /* the whole text */
        start = 0;
        end = d->text.len;
    } else {
        json_object_set_new(change, "range",
                            json_pack("{s:o, s:o}", "start", place_json(s, d, start), "end",
                                      place_json(s, d, end)));
    }
    struct buf now;
    buf_init(&now, s->arena);
    buf_put(&now, old, start);
    buf_puts(&now, text);
    buf_put(&now, old + end, d->text.len - end);
    d->text = now;
    tell(s, "textDocument/didChange",
         json_pack("{s:{s:s, s:i}, s:[o]}", "textDocument", "uri", uris[k], "version",
                   ++d->version, "contentChanges", change));
}

static void question(struct session *s, int k)
{
    static const char *const methods[] = {
        "completion", "signatureHelp", "hover", "definition", "typeDefinition", "references",
        "documentHighlight", "prepareRename", "rename", "documentSymbol", "foldingRange",
        "semanticTokens/full", "formatting", "rangeFormatting", "codeAction", "nothing",
    };
    static const char *const names[] = {"other", "n", "", "a b", "\xc3\xa4", "stack"};
    struct document *d = &s->documents[k];
    const char *method = methods[next(s) % 16];
    json_t *from = place_json(s, d, some_place(s, d)), *to = place_json(s, d, some_place(s, d));
    uint8_t odd = next(s);
    if (odd >= 224) { /* beyond every line, or every text */
        json_object_set_new(from, "character", json_integer(1000000));
        json_object_set_new(to, "line", json_integer(4000000000));
    }
    json_t *params = json_pack("{s:{s:s}, s:O, s:{s:o, s:o}, s:s, s:{s:b, s:[]}, s:{s:i, s:b}}",
                               "textDocument", "uri", uris[k], "position", from, "range", "start",
                               from, "end", to, "newName", names[odd % 6], "context",
                               "includeDeclaration", 1, "diagnostics", "options", "tabSize", 2,
                               "insertSpaces", 1);
    must(params != NULL);
    char path[64];
    snprintf(path, sizeof path, "textDocument/%s", method);
    ask(s, path, params);
}

static void begin(struct session *s, struct arena *a, bool utf16)
{
    *s = (struct session){.arena = a, .server = server_new(NULL), .utf16 = utf16};
    s->published = json_object();
    ask(s, "initialize",
        json_pack("{s:n, s:{s:{s:[s]}}}", "rootUri", "capabilities", "general",
                  "positionEncodings", utf16 ? "utf-16" : "utf-8"));
    tell(s, "initialized", json_object());
}

static void finish(struct session *s)
{
    int status;
    ask(s, "shutdown", json_object());
    tell(s, "exit", json_object());
    must(server_done(s->server, &status) && status == 0);
    json_decref(s->published);
    server_free(s->server);
}

/* A server that never saw anything else publishes the same of the same texts. */
static void as_fresh(struct session *s)
{
    struct session fresh;
    begin(&fresh, s->arena, s->utf16);
    for (int k = 0; k < DOCUMENTS; k++)
        if (s->documents[k].open)
            open_document(&fresh, k, buf_text(&s->documents[k].text));
    hear(&fresh, settle(fresh.server));
    for (int k = 0; k < DOCUMENTS; k++) {
        json_t *now = json_object_get(s->published, uris[k]);
        json_t *anew = json_object_get(fresh.published, uris[k]);
        must(json_array_size(now) == json_array_size(anew));
        must(!json_array_size(now) || json_equal(now, anew));
    }
    finish(&fresh);
}

static void session(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new("fuzz");
    struct session s;
    uint8_t how = size ? data[0] : 0;
    begin(&s, a, how & 1);
    s.at = data + (size > 0);
    s.end = data + size;
    for (int step = 0; step < STEPS_MAX && s.at < s.end; step++) {
        uint8_t what = next(&s);
        int k = what >> 7;
        struct document *d = &s.documents[k];
        what &= 127;
        if (!d->open)
            open_document(&s, k, what < 64 ? typed[what % (sizeof typed / sizeof *typed)] : "");
        else if (what < 64)
            edit(&s, k);
        else if (what < 100)
            question(&s, k);
        else if (what < 124)
            hear(&s, settle(s.server));
        else
            close_document(&s, k);
    }
    hear(&s, settle(s.server));
    as_fresh(&s);
    finish(&s);
    arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    if (data[0] & 1)
        session(data + 1, size - 1);
    else
        raw(data + 1, size - 1);
    return 0;
}
