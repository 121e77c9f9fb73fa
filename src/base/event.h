/* event.h - what happens, said once, to whoever listens.
 *
 * Every layer may emit; none knows who listens (a terminal, NDJSON, the
 * rehearsal's timeline, a test). Emitters fill what they know; the sink adds
 * seq, time, run and epoch.
 */
#ifndef BGC_BASE_EVENT_H
#define BGC_BASE_EVENT_H

#include <stdint.h>

struct event {
    const char *type;    /* start plan create update delete shift test check gate hold approve
                            bake retire rollback abort lock wait note warning error end */
    const char *address; /* NULL: none */
    const char *world;   /* world id "web/7f3a2c91d0"; NULL: none */
    double share;        /* percent; negative: none */
    const char *op;      /* AWS operation */
    const char *request_id;
    int64_t duration_ms; /* negative: none */
    const char *verdict; /* pass fail no_data */
    const char *message; /* for people, one line */
    const char *outcome; /* of `end` */
    int exit_code;       /* of `end`; negative: none */
};
#define EVENT(...) (&(struct event){.share = -1, .duration_ms = -1, .exit_code = -1, __VA_ARGS__})

/* With a share in percent; and the last event of a run. */
#define EVENT_SHARE(s, ...) (&(struct event){.share = (s), .duration_ms = -1, .exit_code = -1, __VA_ARGS__})
#define EVENT_END(code, ...) (&(struct event){.share = -1, .duration_ms = -1, .exit_code = (code), .type = "end", __VA_ARGS__})

struct sink {
    void (*emit)(void *self, const struct event *e);
    void *self;
};

static inline void event_emit(const struct sink *s, const struct event *e)
{
    if (s && s->emit)
        s->emit(s->self, e);
}

#endif
