// Environment variables of other systems, and .env files, filled into a description. The headers themselves read only
// the providers' own keys and addresses; every other variable that such systems document stands in the one table below.
//
//     tamar_source_env env = { 0 };
//     tamar_source_env_text(&env, text, len);        // a .env file's text, if there is one; it must stay valid
//     tamar_desc desc = { 0 };
//     tamar_source_env_fill(&env, &desc);            // what is set already stays
//     tamar_client *llm = tamar_open(&desc);         // the client's own lookups go through env, which must outlive it
//
// The order: what the description says, the process's environment, the text. A variable that is set and has no effect
// here is told to desc.log, with the reason.
#ifndef TAMAR_SOURCE_ENV_H
#define TAMAR_SOURCE_ENV_H
#include "tamar_llm.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tamar_source_env {
    const char *(*process)(void *user_data, const char *name);  // (default: getenv)
    void *user_data;
    const char *text;  // of a .env file
    size_t len;
    char value[1024];  // of the last one that came from the text
    char base_url[512];  // of the gateway
    tamar_provider row;
} tamar_source_env;

typedef enum tamar_source_env_kind {
    TAMAR_SOURCE_ENV_OWN,  // the headers read it themselves
    TAMAR_SOURCE_ENV_TIMEOUT,  // seconds, of a whole call
    TAMAR_SOURCE_ENV_RETRIES,
    TAMAR_SOURCE_ENV_LOG_LEVEL,
    TAMAR_SOURCE_ENV_DEBUG,  // true: log everything
    TAMAR_SOURCE_ENV_GATEWAY,  // host:port
    TAMAR_SOURCE_ENV_GATEWAY_TLS,  // belongs to it
    TAMAR_SOURCE_ENV_NO_EFFECT
} tamar_source_env_kind;

typedef struct tamar_source_env_row {
    const char *name;  // a star at its end stands for any ending
    tamar_source_env_kind kind;
    const char *why;  // it has no effect
} tamar_source_env_row;

static const tamar_source_env_row *tamar_source_env_rows(size_t *count)
{
#define TAMAR_SOURCE_ENV_NOTHING(name, why) { name, TAMAR_SOURCE_ENV_NO_EFFECT, why }
    static const tamar_source_env_row rows[] = {
        { "MODEL_MANAGER_SERVER_ADDRESS", TAMAR_SOURCE_ENV_GATEWAY, NULL },
        { "MODEL_MANAGER_SERVER_GRPC_USE_TLS", TAMAR_SOURCE_ENV_GATEWAY_TLS, NULL },
        { "MODEL_MANAGER_SERVER_GRPC_TIMEOUT", TAMAR_SOURCE_ENV_TIMEOUT, NULL },
        { "MODEL_MANAGER_SERVER_INVOKE_TIMEOUT", TAMAR_SOURCE_ENV_TIMEOUT, NULL },
        { "MODEL_MANAGER_SERVER_GRPC_MAX_RETRIES", TAMAR_SOURCE_ENV_RETRIES, NULL },
        { "MODEL_MANAGER_SERVER_JWT_SECRET_KEY", TAMAR_SOURCE_ENV_OWN, NULL },
        { "MODEL_MANAGER_SERVER_JWT_TOKEN", TAMAR_SOURCE_ENV_OWN, NULL },
        { "MODEL_MANAGER_SERVER_JWT_SECRET", TAMAR_SOURCE_ENV_OWN, NULL },
        TAMAR_SOURCE_ENV_NOTHING("MODEL_MANAGER_SERVER_GRPC_DEFAULT_AUTHORITY", "the gateway is asked over HTTP: name the host in its address"),
        TAMAR_SOURCE_ENV_NOTHING("MODEL_MANAGER_SERVER_GRPC_RETRY_DELAY", "the delay follows the server's hints and backs off by itself"),
        TAMAR_SOURCE_ENV_NOTHING("MODEL_MANAGER_SERVER_GRPC_POOL_SIZE", "connections are opened as calls need them: see desc.max_connections"),
        { "MODEL_CLIENT_HTTP_FALLBACK_URL", TAMAR_SOURCE_ENV_OWN, NULL },
        { "MODEL_CLIENT_LOG_LEVEL", TAMAR_SOURCE_ENV_LOG_LEVEL, NULL },
        TAMAR_SOURCE_ENV_NOTHING("MODEL_CLIENT_*", "this client tries one address for a call; fall back in the program"),
        { "HARBORAI_LOG_LEVEL", TAMAR_SOURCE_ENV_LOG_LEVEL, NULL },
        { "HARBORAI_DEBUG", TAMAR_SOURCE_ENV_DEBUG, NULL },
        { "HARBORAI_TIMEOUT", TAMAR_SOURCE_ENV_TIMEOUT, NULL },
        TAMAR_SOURCE_ENV_NOTHING("HARBORAI_ASYNC_DECORATORS", "calls never block, whatever this says"),
        TAMAR_SOURCE_ENV_NOTHING("HARBORAI_ENABLE_LAZY_LOADING", "there is nothing to load"),
        TAMAR_SOURCE_ENV_NOTHING("HARBORAI_*MEMORY*", "memory is bounded by the description: see desc.memory and desc.max_body"),
        TAMAR_SOURCE_ENV_NOTHING("HARBORAI_TOKEN_CACHE*", "tokens are counted by the vendor: see TAMAR_KIND_TOKENS"),
        TAMAR_SOURCE_ENV_NOTHING("HARBORAI_BACKGROUND_*", NULL),
        TAMAR_SOURCE_ENV_NOTHING("HARBORAI_PLUGIN_*", "dialects and providers are registered in the description"),
        TAMAR_SOURCE_ENV_NOTHING("HARBORAI_*", "the program that embeds the client decides this"),
        { "LOG_LEVEL", TAMAR_SOURCE_ENV_LOG_LEVEL, NULL },
        TAMAR_SOURCE_ENV_NOTHING("OTEL_PYTHON_*", "there is no Python here"),
    };
#undef TAMAR_SOURCE_ENV_NOTHING
    *count = sizeof rows / sizeof *rows;
    return rows;
}

// The value of a variable in a .env text: KEY=VALUE, export KEY=VALUE, quotes of both kinds, # comments. The last one
// of a name wins. NULL: it is not there, or does not fit.
static inline const char *tamar_source_env_in_text(tamar_source_env *env, const char *name)
{
    const char *p = env->text, *end = p ? p + env->len : p;
    size_t n = strlen(name);
    bool found = false;
    while (p < end) {
        const char *eol = (const char *)memchr(p, '\n', (size_t)(end - p)), *to = eol ? eol : end;
        const char *line = p;
        p = eol ? eol + 1 : end;
        while (line < to && (*line == ' ' || *line == '\t')) line++;
        if (to - line > 7 && !memcmp(line, "export ", 7)) line += 7;
        while (line < to && (*line == ' ' || *line == '\t')) line++;
        if ((size_t)(to - line) <= n || memcmp(line, name, n)) continue;
        line += n;
        while (line < to && (*line == ' ' || *line == '\t')) line++;
        if (line == to || *line++ != '=') continue;
        while (line < to && (*line == ' ' || *line == '\t')) line++;
        while (to > line && (to[-1] == ' ' || to[-1] == '\t' || to[-1] == '\r')) to--;
        if (line < to && (*line == '"' || *line == '\'')) {
            const char *close = (const char *)memchr(line + 1, *line, (size_t)(to - line - 1));
            if (close) line++, to = close;
        }
        else {
            const char *at = line;
            while (at < to && !(*at == '#' && (at == line || at[-1] == ' ' || at[-1] == '\t'))) at++;
            for (to = at; to > line && (to[-1] == ' ' || to[-1] == '\t');) to--;
        }
        if ((size_t)(to - line) >= sizeof env->value) continue;
        memcpy(env->value, line, (size_t)(to - line));
        env->value[to - line] = 0;
        found = true;
    }
    return found ? env->value : NULL;
}

// What tamar_environment.get wants: user_data is the tamar_source_env. The value lives until the next question.
static inline const char *tamar_source_env_get(void *user_data, const char *name)
{
    tamar_source_env *env = (tamar_source_env *)user_data;
    const char *value = env->process ? env->process(env->user_data, name) : getenv(name);
    return value && *value ? value : tamar_source_env_in_text(env, name);
}

static inline void tamar_source_env_text(tamar_source_env *env, const char *text, size_t len)
{
    env->text = text;
    env->len = len;
}

static inline bool tamar_source_env_true(const char *value)
{
    return value && *value && strcmp(value, "0") && strcmp(value, "false") && strcmp(value, "False") && strcmp(value, "no") && strcmp(value, "off");
}

static inline void tamar_source_env_tell(const tamar_desc *desc, const char *name, const char *why)
{
    tamar_log_record record;
    if (!desc->log.write || (desc->log.level && desc->log.level < TAMAR_LOG_WARNING)) return;
    memset(&record, 0, sizeof record);
    record.level = TAMAR_LOG_WARNING;
    record.item = "variable_without_effect";
    record.message = why ? why : "nothing runs in the background, so there is nothing to set up";
    record.text = tamar_text(name);
    desc->log.write(desc->log.user_data, &record);
}

// The level that a word names; 0: none.
static inline tamar_log_level tamar_source_env_level(const char *word)
{
    switch (*word) {
    case 'D': case 'd': return TAMAR_LOG_DEBUG;
    case 'I': case 'i': return TAMAR_LOG_INFO;
    case 'W': case 'w': return TAMAR_LOG_WARNING;
    case 'E': case 'e': case 'C': case 'c': return TAMAR_LOG_ERROR;
    default: return (tamar_log_level)0;
    }
}

// Variables that a pattern of the table covers, so that they are told apart and by name.
static inline const char *const *tamar_source_env_known(void)
{
    static const char *const names[] = {
        "MODEL_CLIENT_RESILIENT_ENABLED", "MODEL_CLIENT_CIRCUIT_BREAKER_THRESHOLD", "MODEL_CLIENT_CIRCUIT_BREAKER_TIMEOUT",
        "MODEL_CLIENT_FAST_FALLBACK_ENABLED", "MODEL_CLIENT_FALLBACK_AFTER_RETRIES", "MODEL_CLIENT_IMMEDIATE_FALLBACK_ERRORS",
        "MODEL_CLIENT_NEVER_FALLBACK_ERRORS", "MODEL_CLIENT_ENABLE_JSON_LOGGING", "MODEL_CLIENT_STREAM_CHUNK_TIMEOUT",
        "HARBORAI_PERFORMANCE_MODE", "HARBORAI_FAST_PATH", "HARBORAI_FAST_PATH_MODELS", "HARBORAI_ASYNC_DECORATORS",
        "HARBORAI_ENABLE_LAZY_LOADING", "HARBORAI_MEMORY_OPTIMIZATION", "HARBORAI_ENABLE_MEMORY_OPTIMIZATION", "HARBORAI_MEMORY_THRESHOLD_MB",
        "HARBORAI_TOKEN_CACHE", "HARBORAI_TOKEN_CACHE_TTL", "HARBORAI_RESPONSE_CACHE", "HARBORAI_CACHE_ENABLED", "HARBORAI_RATE_LIMIT_ENABLED",
        "HARBORAI_BACKGROUND_TASKS", "HARBORAI_BACKGROUND_WORKERS", "HARBORAI_PLUGIN_PATH", "HARBORAI_PLUGIN_AUTO_LOAD",
        "OTEL_PYTHON_HTTPX_INSTRUMENTATION_ENABLED", NULL,
    };
    return names;
}

static inline bool tamar_source_env_matches(const char *pattern, const char *name)
{
    for (; *pattern && *pattern != '*'; pattern++, name++)
        if (*pattern != *name) return false;
    if (!*pattern) return !*name;
    for (pattern++; !*pattern || *name; name++) {
        if (!*pattern || tamar_source_env_matches(pattern, name)) return true;
        if (!*name) break;
    }
    return false;
}

// Fills what the description leaves open and the variables say. Returns how many of them are set.
static inline size_t tamar_source_env_fill(tamar_source_env *env, tamar_desc *desc)
{
    size_t i, count, set = 0;
    const tamar_source_env_row *rows = tamar_source_env_rows(&count);
    const char *const *name, *value;
    for (i = 0; i < count; i++) {
        const tamar_source_env_row *row = &rows[i];
        value = strchr(row->name, '*') ? NULL : tamar_source_env_get(env, row->name);
        if (!value) continue;
        set++;
        switch (row->kind) {
        case TAMAR_SOURCE_ENV_TIMEOUT:
            if (!desc->timeouts.total_ms && strtod(value, NULL) > 0) desc->timeouts.total_ms = (int)(strtod(value, NULL) * 1000);
            break;
        case TAMAR_SOURCE_ENV_RETRIES:
            if (!desc->max_retries.set) desc->max_retries = tamar_int(strtol(value, NULL, 10));
            break;
        case TAMAR_SOURCE_ENV_LOG_LEVEL:
            if (!desc->log.level) desc->log.level = tamar_source_env_level(value);
            break;
        case TAMAR_SOURCE_ENV_DEBUG:
            if (!desc->log.level && tamar_source_env_true(value)) desc->log.level = TAMAR_LOG_DEBUG;
            break;
        case TAMAR_SOURCE_ENV_GATEWAY:
            if (!desc->provider_count && strlen(value) + 9 <= sizeof env->base_url) {
                const char *tls;
                char address[sizeof env->base_url - 8];
                strcpy(address, value);
                tls = tamar_source_env_get(env, "MODEL_MANAGER_SERVER_GRPC_USE_TLS");
                snprintf(env->base_url, sizeof env->base_url, "%s%s",
                    strstr(address, "://") ? "" : !tls || tamar_source_env_true(tls) ? "https://" : "http://", address);
                env->row = *tamar_provider_named(NULL, "tamar");
                env->row.base_url = env->base_url;
                env->row.base_url_env = NULL;
                desc->providers = &env->row;
                desc->provider_count = 1;
            }
            break;
        case TAMAR_SOURCE_ENV_NO_EFFECT: tamar_source_env_tell(desc, row->name, row->why); break;
        default: break;
        }
    }
    for (name = tamar_source_env_known(); *name; name++) {
        if (!tamar_source_env_get(env, *name)) continue;
        for (i = 0; i < count && !tamar_source_env_matches(rows[i].name, *name); i++) {}
        if (i == count || strchr(rows[i].name, '*') == NULL) continue;
        set++;
        tamar_source_env_tell(desc, *name, rows[i].why);
    }
    if (!desc->environment.get) {
        desc->environment.get = tamar_source_env_get;
        desc->environment.user_data = env;
    }
    return set;
}

#endif
