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
    char base_url[512], fallback_url[512];  // of the gateway
    char connect_to[512];
    tamar_provider row;
    tamar_target targets[2];  // its two addresses
    tamar_route route;
} tamar_source_env;

typedef enum tamar_source_env_kind {
    TAMAR_SOURCE_ENV_OWN,  // the headers read it themselves
    TAMAR_SOURCE_ENV_TIMEOUT,  // seconds, of a whole call
    TAMAR_SOURCE_ENV_RETRIES,
    TAMAR_SOURCE_ENV_LOG_LEVEL,
    TAMAR_SOURCE_ENV_DEBUG,  // true: log everything
    TAMAR_SOURCE_ENV_GATEWAY,  // host:port
    TAMAR_SOURCE_ENV_GATEWAY_PART,  // belongs to it
    TAMAR_SOURCE_ENV_RESILIENT,  // belongs to its second address
    TAMAR_SOURCE_ENV_THRESHOLD,  // failures until a target rests
    TAMAR_SOURCE_ENV_REST,  // and for how many seconds
    TAMAR_SOURCE_ENV_DELAY,  // seconds before the first retry
    TAMAR_SOURCE_ENV_PROBES,  // seconds between them
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
        { "MODEL_MANAGER_SERVER_GRPC_USE_TLS", TAMAR_SOURCE_ENV_GATEWAY_PART, NULL },
        { "MODEL_MANAGER_SERVER_GRPC_DEFAULT_AUTHORITY", TAMAR_SOURCE_ENV_GATEWAY_PART, NULL },
        { "MODEL_MANAGER_SERVER_GRPC_RETRY_DELAY", TAMAR_SOURCE_ENV_DELAY, NULL },
        { "MODEL_MANAGER_SERVER_GRPC_TIMEOUT", TAMAR_SOURCE_ENV_TIMEOUT, NULL },
        { "MODEL_MANAGER_SERVER_INVOKE_TIMEOUT", TAMAR_SOURCE_ENV_TIMEOUT, NULL },
        { "MODEL_MANAGER_SERVER_GRPC_MAX_RETRIES", TAMAR_SOURCE_ENV_RETRIES, NULL },
        { "MODEL_MANAGER_SERVER_JWT_SECRET_KEY", TAMAR_SOURCE_ENV_OWN, NULL },
        { "MODEL_MANAGER_SERVER_JWT_TOKEN", TAMAR_SOURCE_ENV_OWN, NULL },
        { "MODEL_MANAGER_SERVER_JWT_SECRET", TAMAR_SOURCE_ENV_OWN, NULL },
        TAMAR_SOURCE_ENV_NOTHING("MODEL_MANAGER_SERVER_GRPC_POOL_SIZE", "connections are opened as calls need them: see desc.max_connections"),
        { "MODEL_CLIENT_HTTP_FALLBACK_URL", TAMAR_SOURCE_ENV_OWN, NULL },
        { "MODEL_CLIENT_LOG_LEVEL", TAMAR_SOURCE_ENV_LOG_LEVEL, NULL },
        { "MODEL_CLIENT_RESILIENT_ENABLED", TAMAR_SOURCE_ENV_RESILIENT, NULL },
        { "MODEL_CLIENT_FAST_FALLBACK_ENABLED", TAMAR_SOURCE_ENV_RESILIENT, NULL },
        { "MODEL_CLIENT_FALLBACK_AFTER_RETRIES", TAMAR_SOURCE_ENV_RESILIENT, NULL },
        { "MODEL_CLIENT_IMMEDIATE_FALLBACK_ERRORS", TAMAR_SOURCE_ENV_RESILIENT, NULL },
        { "MODEL_CLIENT_NEVER_FALLBACK_ERRORS", TAMAR_SOURCE_ENV_RESILIENT, NULL },
        { "MODEL_CLIENT_CIRCUIT_BREAKER_THRESHOLD", TAMAR_SOURCE_ENV_THRESHOLD, NULL },
        { "MODEL_CLIENT_CIRCUIT_BREAKER_TIMEOUT", TAMAR_SOURCE_ENV_REST, NULL },
        TAMAR_SOURCE_ENV_NOTHING("MODEL_CLIENT_*", "the program that embeds the client decides this"),
        { "HEALTH_CHECK_INTERVAL", TAMAR_SOURCE_ENV_PROBES, NULL },
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

static inline int tamar_source_env_ms(const char *value)  // of seconds
{
    double seconds = strtod(value, NULL);
    return seconds > 0 ? seconds > 1000000 ? 1000000000 : (int)(seconds * 1000) : 0;
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
        "MODEL_CLIENT_ENABLE_JSON_LOGGING", "MODEL_CLIENT_STREAM_CHUNK_TIMEOUT",
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

// The gateway's address, "host:port" or a URL, and the name that it goes by where that is another.
static inline void tamar_source_env_gateway(tamar_source_env *env, tamar_desc *desc, const char *value)
{
    char text[sizeof env->base_url - 8], scheme[16] = "https://", host[256] = "", *address = text, *sep;
    const char *name;
    strcpy(text, value);
    sep = strstr(text, "://");
    if (sep && sep - text < 8) {
        *sep = 0;
        snprintf(scheme, sizeof scheme, "%s://", text);
        address = sep + 3;
    }
    name = tamar_source_env_get(env, "MODEL_MANAGER_SERVER_GRPC_DEFAULT_AUTHORITY");
    if (name && strlen(name) < sizeof host) strcpy(host, name);
    name = tamar_source_env_get(env, "MODEL_MANAGER_SERVER_GRPC_USE_TLS");
    if (!sep && name && !tamar_source_env_true(name)) strcpy(scheme, "http://");
    if (*host && !strchr(address, '/') && !desc->connect_to && strlen(host) + strlen(address) + 16 < sizeof env->connect_to) {
        const char *port = strrchr(address, ':'), *own = strrchr(host, ':');
        if (port && !strchr(port, ']') && !(own && !strchr(own, ']')) && strlen(host) + strlen(port) < sizeof host) strcat(host, port);
        own = strrchr(host, ':');
        snprintf(env->connect_to, sizeof env->connect_to, "%.*s=%s", (int)(own ? own - host : (int)strlen(host)), host, address);
        snprintf(env->base_url, sizeof env->base_url, "%s%s", scheme, host);
        desc->connect_to = env->connect_to;
    }
    else snprintf(env->base_url, sizeof env->base_url, "%s%s", scheme, address);
    env->row = *tamar_provider_named(NULL, "tamar");
    env->row.base_url = env->base_url;
    env->row.base_url_env = NULL;
    desc->providers = &env->row;
    desc->provider_count = 1;
}

// The gateway's two addresses as one route: the second answers when the first rests, or at once when falling back fast
// is on. False: there is nothing to fall back from, or to.
static inline bool tamar_source_env_resilient(tamar_source_env *env, tamar_desc *desc)
{
    const char *value = tamar_source_env_get(env, "MODEL_CLIENT_HTTP_FALLBACK_URL");
    uint64_t never;
    if (desc->route_count || desc->providers != &env->row || !value || strlen(value) >= sizeof env->fallback_url) return false;
    strcpy(env->fallback_url, value);
    if (!tamar_source_env_true(tamar_source_env_get(env, "MODEL_CLIENT_RESILIENT_ENABLED"))) return false;
    memset(env->targets, 0, sizeof env->targets);
    memset(&env->route, 0, sizeof env->route);
    env->targets[1].base_url = env->fallback_url;
    env->route.name = "tamar/*";
    env->route.targets = env->targets;
    env->route.target_count = 2;
    env->route.fallback = TAMAR_MASK(TAMAR_BREAKER_OPEN);
    if (tamar_source_env_true(tamar_source_env_get(env, "MODEL_CLIENT_FAST_FALLBACK_ENABLED"))) {
        value = tamar_source_env_get(env, "MODEL_CLIENT_NEVER_FALLBACK_ERRORS");
        never = tamar_category_mask(value ? value : "UNAUTHENTICATED,PERMISSION_DENIED,INVALID_ARGUMENT");
        value = tamar_source_env_get(env, "MODEL_CLIENT_IMMEDIATE_FALLBACK_ERRORS");
        env->route.at_once = tamar_category_mask(value ? value : "UNAVAILABLE,DEADLINE_EXCEEDED,CANCELLED") & ~never;
        env->route.fallback = (TAMAR_FALLBACK_DEFAULT | env->route.at_once) & ~never;
        value = tamar_source_env_get(env, "MODEL_CLIENT_FALLBACK_AFTER_RETRIES");
        env->route.retries = tamar_int(value ? strtol(value, NULL, 10) : 1);
        env->targets[0].timeouts.connect_ms = 1500;  // so that it is over in two seconds
    }
    desc->routes = &env->route;
    desc->route_count = 1;
    return true;
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
            if (!desc->timeouts.total_ms) desc->timeouts.total_ms = tamar_source_env_ms(value);
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
            if (!desc->provider_count && strlen(value) + 9 <= sizeof env->base_url) tamar_source_env_gateway(env, desc, value);
            break;
        case TAMAR_SOURCE_ENV_THRESHOLD:
            if (!desc->breaker.failure_threshold) desc->breaker.failure_threshold = (int)strtol(value, NULL, 10);
            break;
        case TAMAR_SOURCE_ENV_REST:
            if (!desc->breaker.reset_timeout_ms) desc->breaker.reset_timeout_ms = tamar_source_env_ms(value);
            break;
        case TAMAR_SOURCE_ENV_DELAY:
            if (!desc->retry.base_delay_ms) desc->retry.base_delay_ms = tamar_source_env_ms(value);
            break;
        case TAMAR_SOURCE_ENV_PROBES:
            if (!desc->probe_interval_ms) desc->probe_interval_ms = tamar_source_env_ms(value);
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
    if (!tamar_source_env_resilient(env, desc))
        for (i = 0; i < count; i++)
            if (rows[i].kind == TAMAR_SOURCE_ENV_RESILIENT && tamar_source_env_get(env, rows[i].name) && !desc->route_count)
                tamar_source_env_tell(desc, rows[i].name, "it needs MODEL_MANAGER_SERVER_ADDRESS, MODEL_CLIENT_HTTP_FALLBACK_URL and "
                                                          "MODEL_CLIENT_RESILIENT_ENABLED=true");
    if (!desc->environment.get) {
        desc->environment.get = tamar_source_env_get;
        desc->environment.user_data = env;
    }
    return set;
}

#endif
