#include "aws/profile.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

const char *aws_env_get(const struct aws_env *e, const char *name)
{
    const char *s = e && e->get ? e->get(e->self, name) : NULL;
    return s && *s ? s : NULL;
}

char *file_text(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rbe");
    if (!f && errno == ENOMEM) /* a profile that is there must not be taken for none */
        arena_exhausted("profile");
    if (!f)
        return NULL;
    char *text = arena_alloc(a, FILE_MAX + 1);
    size_t n = fread(text, 1, FILE_MAX + 1, f);
    bool bad = ferror(f) || n > FILE_MAX;
    fclose(f);
    if (bad)
        return NULL;
    text[n] = '\0';
    return text;
}

static char *trim(char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    size_t n = strlen(s);
    while (n && isspace((unsigned char)s[n - 1]))
        n--;
    s[n] = '\0';
    return s;
}

/* "[profile  x ]" to "profile x". */
static char *section_name(struct arena *a, char *inside)
{
    char *s = trim(inside), *space = strpbrk(s, " \t");
    if (!space)
        return s;
    *space = '\0';
    char *name = trim(space + 1);
    size_t n = strlen(name);
    if (n > 1 && (*name == '"' || *name == '\'') && name[n - 1] == *name) {
        name[n - 1] = '\0';
        name++;
    }
    return arena_printf(a, "%s %s", s, name);
}

static bool read_ini(struct map *out, struct arena *a, const char *path)
{
    map_init(out, a);
    char *text = path ? file_text(a, path) : NULL;
    if (!text)
        return false;
    struct map *section = NULL;
    const char *outer = NULL; /* the setting that indented lines belong to */
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        bool indented = *line == ' ' || *line == '\t';
        char *s = trim(line);
        if (!*s || *s == '#' || *s == ';')
            continue;
        if (*s == '[') {
            char *end = strchr(s, ']');
            if (!end)
                continue;
            *end = '\0';
            char *name = section_name(a, s + 1);
            section = map_find(out, name);
            if (!section) {
                section = arena_make(a, struct map);
                map_init(section, a);
                map_put(out, name, section);
            }
            outer = NULL;
            continue;
        }
        char *eq = strchr(s, '=');
        if (!eq || !section)
            continue;
        *eq = '\0';
        char *key = trim(s), *value = trim(eq + 1);
        for (char *c = value; *c; c++) /* a comment needs a blank before it */
            if ((*c == '#' || *c == ';') && c > value && isspace((unsigned char)c[-1])) {
                *c = '\0';
                value = trim(value);
                break;
            }
        if (indented && outer) {
            key = arena_printf(a, "%s.%s", outer, key);
        } else {
            outer = *value ? NULL : key;
            if (!*value)
                continue;
        }
        map_put(section, key, value);
    }
    return true;
}

void profiles_read(struct profiles *p, struct arena *a, const struct aws_env *env)
{
    const char *home = aws_env_get(env, "HOME");
    *p = (struct profiles){.arena = a};
    p->config_path = aws_env_get(env, "AWS_CONFIG_FILE");
    p->credentials_path = aws_env_get(env, "AWS_SHARED_CREDENTIALS_FILE");
    if (!p->config_path && home)
        p->config_path = arena_printf(a, "%s/.aws/config", home);
    if (!p->credentials_path && home)
        p->credentials_path = arena_printf(a, "%s/.aws/credentials", home);
    p->config_found = read_ini(&p->config, a, p->config_path);
    p->credentials_found = read_ini(&p->credentials, a, p->credentials_path);
}

static const struct map *config_section(const struct profiles *p, const char *name)
{
    const struct map *m = map_find(&p->config, arena_printf(p->arena, "profile %s", name));
    return m || strcmp(name, "default") != 0 ? m : map_find(&p->config, "default");
}

bool profile_exists(const struct profiles *p, const char *name)
{
    return config_section(p, name) || map_find(&p->credentials, name);
}

const char *profile_setting(const struct profiles *p, const char *name, const char *key)
{
    const struct map *m = map_find(&p->credentials, name);
    const char *found = m ? map_find(m, key) : NULL;
    if (found)
        return found;
    m = config_section(p, name);
    return m ? map_find(m, key) : NULL;
}

const char *profile_section(const struct profiles *p, const char *kind, const char *name,
                            const char *key)
{
    const struct map *m = map_find(&p->config, arena_printf(p->arena, "%s %s", kind, name));
    return m ? map_find(m, key) : NULL;
}
