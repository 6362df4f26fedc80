/* tamar_llm.h - talk to every large-model provider from C99, without blocking, without dependencies.

   Do this:
       #define TAMAR_IMPLEMENTATION
   in one C or C++ file of your program before including this header. Every other file just includes it.
   Keep tamar_llm_json.h beside it. Build with your compiler and nothing else:  cc app.c -o app

   Limits you meet first:
       - one client belongs to one thread (tamar_wake alone may come from another); open as many clients as you like
       - the first choice only: a server that is asked for several answers delivers the first
       - https needs the system's libssl at run time (Linux, BSD), or a transport or TLS of yours
       - on glibc older than 2.34 link with -ldl -lpthread
*/
#if defined(TAMAR_IMPLEMENTATION) && !defined(_GNU_SOURCE) && !defined(_WIN32) && !defined(TAMAR__FEATURES)
// Asked for before any system header is seen: -std=c99 would hide POSIX otherwise.
#define TAMAR__FEATURES 1
#define _GNU_SOURCE 1
#endif
#ifdef TAMAR_IMPLEMENTATION
#define TAMAR__INSIDE_LLM 1
#endif
#include "tamar_llm_json.h"

#ifndef TAMAR_LLM_H
#define TAMAR_LLM_H

#define TAMAR_VERSION "0.1.0"
#define TAMAR_ABI 1

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------------------------------
   MANUAL

   One answer, blocking:

       tamar_client *llm = tamar_open(NULL);
       tamar_response *r = tamar_chat(llm, &(tamar_request){ .model = "openai/gpt-6-sol", .prompt = "Name one river." });
       puts(r->error.category ? r->error.message : r->text.ptr);
       tamar_response_free(r);
       tamar_close(llm);

   Streaming in a frame loop, never blocking:

       tamar_send(llm, &(tamar_request){ .model = "openai/gpt-6-sol", .prompt = "Tell a story.", .stream = true });
       while (running) {
           tamar_pump(llm, 0);
           for (tamar_event e; tamar_next_event(llm, &e); ) {
               if (e.type == TAMAR_EVENT_TEXT) ui_append(e.text.ptr, e.text.len);
               if (e.finished)                 ui_done(e.error.category ? e.error.message : NULL);
           }
           draw();
       }

   WHO OWNS WHAT
       Everything in a request is copied by tamar_send before it returns, unless a part says `borrowed`.
       An event's views live until the next pump, cancel or release. A response from tamar_result lives until
       tamar_release of its call; one from tamar_chat until tamar_response_free, which comes before tamar_close.

   WHEN THINGS HAPPEN
       tamar_send only queues. tamar_pump does everything that is due: names, connecting, sending, reading,
       decoding, timers, callbacks. Nothing happens outside it. Every call ends in exactly one event with
       `finished` set, whatever goes wrong. After tamar_cancel returned, the call is over; its last event is
       still delivered. A handle that is no longer alive is a harmless no-op everywhere.

   MODELS AND PROVIDERS
       "provider/model", e.g. "openai/gpt-6-sol", "groq/llama-3.3-70b-versatile", "ollama/qwen3". A bare name of a
       well-known model finds its provider; with desc.base_url set, any bare name goes there. The key comes from the
       request, the key callback, the description or the provider's environment variable, in that order.

   MEMORY
       All memory comes through desc.allocator, or from desc.memory, a block of yours: then no allocator is ever
       called, and a full block fails only the call that needed more. tamar_memory() reports use and peak.

   THE SEAMS
       desc.transport  whole HTTP exchanges (browser fetch, libcurl, an engine's HTTP module)
       desc.sockets    non-blocking sockets and names (lwIP, a fake network); desc.tls: bytes in, bytes out
       desc.clock, desc.random, desc.log, desc.key, desc.environment, desc.allocator

   SECTIONS (search for the tag)
       >>log      log items, records, redaction
       >>url      split, percent-encoding
       >>sse      event stream: bytes in, events out; NDJSON
       >>http1    request head, response parser, chunked; no I/O
       >>policy   what an error is and whether trying again helps
       >>model    provider rows
       >>talk     messages and parts: validation
       >>dialect  neutral model <-> provider JSON
       >>os       sockets, names, clock, entropy, environment, system libraries
       >>tls      bytes in, bytes out
       >>net      connections, pool
       >>auth     keys
       >>call     the life of one call, one state machine
       >>client   public functions

   COMPILE-TIME SWITCHES (below the implementation line; none of them changes anything above it)
       TAMAR_STATIC         all functions static, one private copy a file
       TAMAR_API            linkage of the public functions, e.g. a DLL export
       TAMAR_ASSERT(x)      our own bugs only (default: assert)
       TAMAR_NO_MALLOC 1    no malloc linked; every description brings an allocator or a block
       TAMAR_NO_SOCKETS 1   no built-in network; every description brings a transport or sockets
       TAMAR_NO_THREADS 1   no helper thread for names: numeric hosts and localhost, or a resolver of yours
       TAMAR_NO_TLS 1       no built-in TLS
   ------------------------------------------------------------------------------------------------ */

typedef struct tamar_client tamar_client;

// A call: 16-bit slot and 16-bit generation. {0} is never alive. Copy it freely.
typedef struct tamar_call {
    uint32_t id;
} tamar_call;

// A number that may be left out, because zero means something.
typedef struct tamar_opt_int {
    bool set;
    int64_t value;
} tamar_opt_int;

typedef struct tamar_opt_double {
    bool set;
    double value;
} tamar_opt_double;

// -- messages --------------------------------------------------------------------------------------

typedef enum tamar_role { TAMAR_ROLE_USER = 0, TAMAR_ROLE_SYSTEM, TAMAR_ROLE_ASSISTANT, TAMAR_ROLE_TOOL } tamar_role;

typedef enum tamar_part_type {
    TAMAR_PART_TEXT = 0,
    TAMAR_PART_IMAGE,
    TAMAR_PART_AUDIO,
    TAMAR_PART_VIDEO,
    TAMAR_PART_FILE,
    TAMAR_PART_TOOL_CALL,
    TAMAR_PART_TOOL_RESULT,
    TAMAR_PART_REASONING,
    TAMAR_PART_REFUSAL,
    TAMAR_PART_OPAQUE
} tamar_part_type;

// One part of a message. What is not named for a type is ignored.
typedef struct tamar_part {
    tamar_part_type type;
    tamar_str text;  // TEXT, REASONING, REFUSAL: the text. TOOL_CALL: the arguments as JSON text. TOOL_RESULT: what the tool said
    tamar_str id;  // TOOL_CALL, TOOL_RESULT: which call. IMAGE, FILE: the vendor's file id
    tamar_str name;  // TOOL_CALL: the tool. TOOL_RESULT: the tool, where the vendor wants it. FILE: file name
    tamar_str url;  // IMAGE, AUDIO, VIDEO, FILE: https: or data: URL
    tamar_str data;  // the same, as raw bytes (base64 is ours to write)
    tamar_str mime_type;  // of data, e.g. "image/png". AUDIO: "audio/wav", "audio/mpeg"
    tamar_str detail;  // IMAGE: auto, low, high, original
    tamar_str opaque;  // the provider's own JSON for this part, kept and replayed byte for byte. OPAQUE has nothing else
    tamar_str origin;  // the dialect that opaque belongs to, e.g. "openai-chat"
    bool is_error;  // TOOL_RESULT: the tool failed
    bool cache;  // the prompt up to and including this part is worth caching
    bool borrowed;  // data stays valid until FINISH, so it need not be copied
} tamar_part;

typedef struct tamar_message {
    tamar_role role;
    const char *text;  // the simple form: one text part; NUL-terminated; used when part_count is 0
    const tamar_part *parts;
    size_t part_count;
    const char *name;  // of the speaker, where the vendor knows one
} tamar_message;

typedef struct tamar_tool {
    const char *name;
    const char *description;
    const char *parameters;  // JSON Schema of the arguments (default: no arguments)
    bool strict;  // the vendor shall enforce the schema
    const char *raw;  // the vendor's own JSON for this tool instead of all the above (hosted tools, custom tools)
} tamar_tool;

typedef enum tamar_tool_choice {
    TAMAR_TOOL_CHOICE_DEFAULT = 0,  // the vendor's: auto
    TAMAR_TOOL_CHOICE_AUTO,
    TAMAR_TOOL_CHOICE_NONE,
    TAMAR_TOOL_CHOICE_REQUIRED,
    TAMAR_TOOL_CHOICE_NAMED  // request.tool_name
} tamar_tool_choice;

typedef enum tamar_format { TAMAR_FORMAT_TEXT = 0, TAMAR_FORMAT_JSON, TAMAR_FORMAT_SCHEMA } tamar_format;

// One scale for everybody; rounded to the nearest lower level that the model has, with a warning.
typedef enum tamar_effort {
    TAMAR_EFFORT_DEFAULT = 0,
    TAMAR_EFFORT_OFF,
    TAMAR_EFFORT_MINIMAL,
    TAMAR_EFFORT_LOW,
    TAMAR_EFFORT_MEDIUM,
    TAMAR_EFFORT_HIGH,
    TAMAR_EFFORT_XHIGH,
    TAMAR_EFFORT_MAX
} tamar_effort;

// -- errors ----------------------------------------------------------------------------------------

// What went wrong, in one vocabulary for the network, the vendor and ourselves. Numbers are frozen.
typedef enum tamar_category {
    TAMAR_OK = 0,
    TAMAR_CANCELLED = 1,
    TAMAR_CONFIG = 2,  // the request or the description cannot work; the message says what to change
    TAMAR_CLOCK = 3,  // the computer's clock is obviously wrong
    TAMAR_NOMEM = 4,
    TAMAR_LIMIT = 5,  // a cap on headers, events, bodies or depth was reached
    TAMAR_LOCAL_LIMIT = 6,  // no free call slot, connection or file descriptor here
    TAMAR_BUDGET = 7,
    TAMAR_OFFLINE = 8,
    TAMAR_DNS = 9,
    TAMAR_CONNECT = 10,
    TAMAR_PROXY = 11,
    TAMAR_TLS_CERT = 12,  // the server could not prove who it is
    TAMAR_TLS_PROTO = 13,
    TAMAR_RESET = 14,  // the connection broke
    TAMAR_TIMEOUT_CONNECT = 15,
    TAMAR_TIMEOUT_TLS = 16,
    TAMAR_TIMEOUT_SEND = 17,
    TAMAR_TIMEOUT_TTFB = 18,  // no first byte in time
    TAMAR_TIMEOUT_IDLE = 19,  // the stream stalled
    TAMAR_TIMEOUT_TOTAL = 20,
    TAMAR_PROTO = 21,  // what came is not HTTP, or not what was asked for
    TAMAR_REDIRECT = 22,  // never followed
    TAMAR_TRUNCATED = 23,  // ended before the proof that it was whole
    TAMAR_PARSE = 24,  // the vendor's JSON is broken
    TAMAR_EMPTY = 25,  // a whole answer with nothing in it
    TAMAR_SERVER = 26,
    TAMAR_OVERLOADED = 27,
    TAMAR_RATE = 28,
    TAMAR_QUOTA = 29,
    TAMAR_BILLING = 30,
    TAMAR_AUTH = 31,
    TAMAR_PERMISSION = 32,
    TAMAR_MODEL_NOT_FOUND = 33,
    TAMAR_CONTEXT = 34,  // the prompt is longer than the model's context
    TAMAR_TOO_LARGE = 35,
    TAMAR_BAD_REQUEST = 36,
    TAMAR_CONTENT_FILTER = 37,
    TAMAR_MODEL_OUTPUT = 38,
    TAMAR_BREAKER_OPEN = 39,
    TAMAR_RETRY_BUDGET = 40
} tamar_category;

typedef enum tamar_phase {
    TAMAR_PHASE_NONE = 0,
    TAMAR_PHASE_QUEUE,
    TAMAR_PHASE_RESOLVE,
    TAMAR_PHASE_CONNECT,
    TAMAR_PHASE_TLS,
    TAMAR_PHASE_SEND,
    TAMAR_PHASE_WAIT,  // request sent, nothing back yet
    TAMAR_PHASE_BODY,
    TAMAR_PHASE_DONE
} tamar_phase;

// Strings are NUL-terminated, never NULL, "" where unknown, and live as long as what holds the error.
typedef struct tamar_error {
    tamar_category category;  // 0: no error
    tamar_phase phase;
    int http_status;  // 0: none came
    const char *message;  // for people; names the cure where there is one
    const char *code, *type, *param;  // the vendor's words
    const char *request_id;  // the vendor's
    const char *id;  // ours, as sent in X-Client-Request-Id
    const char *origin_id;  // the caller's, from the request
    int attempts;
    bool retryable;  // trying the same again may help
    bool maybe_billed;  // the vendor may have done the work
    tamar_opt_int retry_after_ms;  // not before
} tamar_error;

// Something was left out, changed or replaced on the way. Never an error.
typedef struct tamar_warning {
    const char *code;  // short and stable, e.g. "unsupported", "utf8", "effort"
    const char *message;
} tamar_warning;

// -- responses -------------------------------------------------------------------------------------

typedef enum tamar_finish {
    TAMAR_FINISH_NONE = 0,  // it never said
    TAMAR_FINISH_STOP,
    TAMAR_FINISH_LENGTH,
    TAMAR_FINISH_TOOL_CALLS,
    TAMAR_FINISH_CONTENT_FILTER,
    TAMAR_FINISH_REFUSAL,
    TAMAR_FINISH_ERROR,
    TAMAR_FINISH_OTHER
} tamar_finish;

// Input and output are the whole; the others are parts of them. What the vendor did not send is not set.
typedef struct tamar_usage {
    tamar_opt_int input_tokens, output_tokens, total_tokens;
    tamar_opt_int cached_input_tokens, cache_write_tokens;  // parts of input
    tamar_opt_int reasoning_tokens;  // part of output
} tamar_usage;

typedef struct tamar_citation {
    tamar_str url, title;
} tamar_citation;

typedef struct tamar_image {
    tamar_str url;
    tamar_str data;  // base64, as it came
    tamar_str mime_type;
} tamar_image;

// All strings are NUL-terminated.
typedef struct tamar_response {
    tamar_str text;  // all text parts, partial when there is an error
    tamar_str reasoning, refusal;
    tamar_message message;  // the assistant's turn with every part in order: put it into the next request as it is
    const tamar_part *const *tool_calls;  // those of its parts
    size_t tool_call_count;
    tamar_finish finish;
    tamar_str finish_raw;  // the vendor's word
    tamar_usage usage;
    tamar_str id, model, provider;
    int64_t created;  // seconds since 1970, 0 unknown
    const tamar_citation *citations;
    size_t citation_count;
    const tamar_image *images;
    size_t image_count;
    const tamar_warning *warnings;
    size_t warning_count;
    tamar_error error;
    tamar_str raw;  // the vendor's bytes, with request.keep_raw
    uint32_t latency_ms;  // send to finish
    uint32_t first_byte_ms, first_text_ms;  // 0: never
    bool reused_connection;
} tamar_response;

typedef enum tamar_event_type {
    TAMAR_EVENT_NONE = 0,
    TAMAR_EVENT_START,  // the vendor accepted the request
    TAMAR_EVENT_TEXT,
    TAMAR_EVENT_REASONING,
    TAMAR_EVENT_REFUSAL,
    TAMAR_EVENT_TOOL_CALL,  // text: what is new of the arguments. Calls are whole, and only to be acted on, at FINISH
    TAMAR_EVENT_HEARTBEAT,  // the server is alive but has nothing to say
    TAMAR_EVENT_FINISH
} tamar_event_type;

typedef struct tamar_event {
    tamar_event_type type;
    bool finished;  // the last event of this call
    tamar_call call;
    uint32_t group;
    void *user_data;  // the request's
    tamar_str text;  // what is new since the last event of this part; whole UTF-8 characters; not NUL-terminated
    size_t index;  // TOOL_CALL: which one, from 0
    tamar_str tool_id, tool_name;  // TOOL_CALL
    tamar_error error;  // FINISH
    const tamar_response *response;  // FINISH; lives until release
} tamar_event;

// -- requests --------------------------------------------------------------------------------------

// Milliseconds; 0 is the default, negative is never.
typedef struct tamar_timeouts {
    int connect_ms;  // name, connection and TLS (default: 10,000)
    int send_ms;  // without the peer taking a byte (default: 20,000)
    int first_byte_ms;  // request sent to first byte of the answer (default: streaming 60,000, else total)
    int idle_ms;  // between two pieces of content; comments do not count (default: 120,000)
    int total_ms;  // everything, retries included (default: 600,000)
} tamar_timeouts;

// Called from inside tamar_pump. send, cancel and release are allowed in it; pump, chat and close are refused.
typedef void tamar_on_event(void *user_data, const tamar_event *event);

typedef struct tamar_request {
    const char *model;  // "provider/model"
    const char *prompt;  // a last user message; may stand alone or behind messages
    const char *system;  // a first system message
    const tamar_message *messages;
    size_t message_count;
    const tamar_tool *tools;
    size_t tool_count;
    tamar_tool_choice tool_choice;
    const char *tool_name;  // for TAMAR_TOOL_CHOICE_NAMED
    tamar_opt_int parallel_tool_calls;  // 0 or 1
    tamar_format format;
    const char *schema;  // for TAMAR_FORMAT_SCHEMA: JSON Schema
    const char *schema_name;  // (default: "response")
    const char *schema_description;
    tamar_opt_int schema_strict;  // 0 or 1 (default: 1)
    bool stream;
    int max_tokens;  // of the answer, reasoning included (default: the vendor's)
    tamar_opt_double temperature, top_p, frequency_penalty, presence_penalty;
    tamar_opt_int seed;
    tamar_opt_int logprobs;  // 0 or 1
    tamar_opt_int top_logprobs;
    const char *const *stop;
    size_t stop_count;
    int choices;  // more than 1 is a warning
    tamar_effort effort;
    const char *verbosity;  // low, medium, high
    const char *user;  // end user id
    const char *cache_key;  // prompt cache routing
    const char *service_tier;
    tamar_opt_int store;  // 0 or 1: may the vendor keep it
    const char *metadata;  // JSON object of strings
    const char *extra;  // JSON object; its members are added to the body, and replace ours of the same name
    const char *extra_headers;  // "Name: value" lines
    const char *api_key, *base_url;  // instead of the description's
    const char *origin_id;  // yours, for logs and errors
    const char *idempotency_key;  // sent where the provider takes one
    tamar_timeouts timeouts;
    tamar_opt_int max_retries;  // (default: the description's)
    uint32_t group;  // for tamar_cancel_all; 0: none
    int priority;  // higher goes first when connections are short
    tamar_on_event *on_event;  // instead of tamar_next_event
    void *user_data;
    bool discard_text;  // keep nothing that was delivered: text in the response stays empty
    bool keep_raw;
} tamar_request;

// -- sans I/O --------------------------------------------------------------------------------------

typedef struct tamar_header {
    tamar_str name, value;
    bool secret;  // do not print
} tamar_header;

typedef struct tamar_http_request {
    const char *method;
    tamar_str url;
    const tamar_header *headers;
    size_t header_count;
    tamar_str body;
    size_t room;  // bytes in front of body.ptr that a transport may overwrite (to put a head there)
} tamar_http_request;

typedef struct tamar_encoded {
    tamar_http_request http;
    const tamar_warning *warnings;
    size_t warning_count;
    tamar_error error;
} tamar_encoded;

typedef struct tamar_decoder_desc {
    const char *api;  // the dialect, e.g. "openai-chat"
    const char *provider;  // its quirk row; unknown or NULL: none
    bool stream;  // what was asked for
    int status;  // HTTP status (default: 200)
    bool discard_text, keep_raw;
    size_t max_event, max_body;  // as in tamar_desc
    tamar_allocator allocator;
    void *memory;  // or a block, as in tamar_desc
    size_t memory_size;
} tamar_decoder_desc;

typedef struct tamar_decoder tamar_decoder;

typedef struct tamar_sse_event {
    tamar_str event;  // "" means message
    tamar_str data, id;
    tamar_opt_int retry_ms;  // the last one seen
} tamar_sse_event;

typedef struct tamar_sse tamar_sse;

// -- providers -------------------------------------------------------------------------------------

// How a server of a known dialect differs from the others.
enum {
    TAMAR_QUIRK_DEVELOPER_ROLE = 1 << 0,  // reasoning models take the system text as role developer
    TAMAR_QUIRK_MAX_COMPLETION_TOKENS = 1 << 1,  // instead of max_tokens, always
    TAMAR_QUIRK_REASONING_PROFILE = 1 << 2,  // model names tell which parameters a reasoning model refuses
    TAMAR_QUIRK_NO_STREAM_OPTIONS = 1 << 3,  // refuses stream_options
    TAMAR_QUIRK_OBFUSCATION = 1 << 4,  // pads each chunk unless told not to
    TAMAR_QUIRK_RANDOM_SEED = 1 << 5,  // seed is called random_seed
    TAMAR_QUIRK_TOOL_CHOICE_ANY = 1 << 6,  // required is called any
    TAMAR_QUIRK_TOOL_RESULT_NAME = 1 << 7,  // tool messages carry the tool's name
    TAMAR_QUIRK_EMPTY_CONTENT = 1 << 8,  // content null is refused beside tool calls: ""
    TAMAR_QUIRK_REASONING_CONTENT = 1 << 9,  // reasoning is replayed as reasoning_content, on every assistant turn
    TAMAR_QUIRK_REASONING = 1 << 10,  // reasoning is replayed as reasoning
    TAMAR_QUIRK_REASONING_DETAILS = 1 << 11,  // reasoning_details are replayed as they came
    TAMAR_QUIRK_NO_SCHEMA = 1 << 12,  // knows json_object only: the schema goes into the system text
    TAMAR_QUIRK_NO_TOOLS = 1 << 13,
    TAMAR_QUIRK_NO_STOP = 1 << 14,
    TAMAR_QUIRK_NO_PENALTIES = 1 << 15,
    TAMAR_QUIRK_NO_SEED = 1 << 16,
    TAMAR_QUIRK_STRING_IMAGE = 1 << 17,  // image_url is a plain string
    TAMAR_QUIRK_NO_PARALLEL = 1 << 18,  // refuses parallel_tool_calls
    TAMAR_QUIRK_USER_ID = 1 << 19,  // user is called user_id
    TAMAR_QUIRK_NO_USER = 1 << 20,
    TAMAR_QUIRK_NO_LOGPROBS = 1 << 21,
    TAMAR_QUIRK_KEY_OPTIONAL = 1 << 22,  // a local server
    TAMAR_QUIRK_API_KEY_HEADER = 1 << 23,  // api-key: K instead of Authorization: Bearer K
    TAMAR_QUIRK_SAFETY_IDENTIFIER = 1 << 24,  // user is called safety_identifier
    TAMAR_QUIRK_IDEMPOTENCY = 1 << 25,  // takes Idempotency-Key
    TAMAR_QUIRK_THINKING_SWITCH = 1 << 26  // thinking:{type:enabled|disabled} beside reasoning_effort
};

// One row a provider. Register your own with desc.providers; a name that exists already is replaced.
typedef struct tamar_provider {
    const char *name;  // as it stands before the slash
    const char *aliases;  // "a,b" or NULL
    const char *api;  // the dialect
    const char *base_url;
    const char *key_env;  // environment variables, "A,B": the first that is set
    const char *base_url_env;
    uint32_t quirks;
    const char *models;  // bare names that belong here, globs: "gpt-*,o3*"
} tamar_provider;

// -- seams -----------------------------------------------------------------------------------------

typedef struct tamar_clock {
    uint64_t (*now_us)(void *user_data);  // monotonic
    int64_t (*unix_ms)(void *user_data);  // wall clock
    void *user_data;
} tamar_clock;

typedef struct tamar_random {
    bool (*fill)(void *user_data, void *out, size_t len);  // false: no entropy (TLS then fails)
    void *user_data;
} tamar_random;

typedef struct tamar_environment {
    const char *(*get)(void *user_data, const char *name);  // NULL: not set
    void *user_data;
} tamar_environment;

typedef enum tamar_log_level { TAMAR_LOG_ERROR = 1, TAMAR_LOG_WARNING, TAMAR_LOG_INFO, TAMAR_LOG_DEBUG } tamar_log_level;

typedef struct tamar_log_record {
    tamar_log_level level;
    const char *item;  // stable name, e.g. "call_finished"
    const char *message;  // constant text
    tamar_call call;  // {0}: none
    const tamar_error *error;  // may be NULL
    int64_t number;  // what the item says
    tamar_str text;  // the same; secrets removed
} tamar_log_record;

typedef struct tamar_log {
    void (*write)(void *user_data, const tamar_log_record *record);
    tamar_log_level level;  // (default: TAMAR_LOG_WARNING)
    void *user_data;
} tamar_log;

// Asked once per attempt, so keys may be short-lived.
typedef struct tamar_key_source {
    // Writes the key for this provider at out (at most cap bytes) and returns its length; 0: none.
    size_t (*get)(void *user_data, const char *provider, const char *host, char *out, size_t cap);
    void *user_data;
} tamar_key_source;

// Results below zero of the socket and TLS seams.
enum {
    TAMAR_IO_AGAIN = -1,  // nothing can be done now
    TAMAR_IO_CLOSED = -2,  // by the peer, orderly
    TAMAR_IO_RESET = -3,
    TAMAR_IO_REFUSED = -4,
    TAMAR_IO_UNREACHABLE = -5,
    TAMAR_IO_NO_NAME = -6,  // this name does not exist
    TAMAR_IO_NAME_AGAIN = -7,  // the name service did not answer
    TAMAR_IO_LIMIT = -8,  // out of descriptors or memory
    TAMAR_IO_CERT = -9,  // the certificate was refused
    TAMAR_IO_TLS = -10,
    TAMAR_IO_ERROR = -11,
    TAMAR_IO_UNSUPPORTED = -12
};

typedef struct tamar_address {
    uint8_t family;  // 4 or 6
    uint8_t bytes[16];  // network order; the first 4 for family 4
    uint16_t port;
    uint32_t scope;  // IPv6 zone
} tamar_address;

enum { TAMAR_READABLE = 1, TAMAR_WRITABLE = 2 };

// One socket that is ready, as told by wait.
typedef struct tamar_ready {
    uintptr_t tag;  // what watch was given
    int events;
} tamar_ready;

// Non-blocking sockets and names. Nothing but wait may block. Sockets are any intptr_t.
typedef struct tamar_sockets {
    // Looks a name up. First call: *lookup is 0; AGAIN: call again with what it was set to, after wait or later.
    // Otherwise the number of addresses written, or an error. host NULL: forget the lookup.
    int (*resolve)(void *user_data, const char *host, uint16_t port, tamar_address *out, int cap, intptr_t *lookup);
    // First call: *socket is -1; makes one and begins to connect. AGAIN: call again when writable. 0: connected.
    int (*connect)(void *user_data, const tamar_address *address, intptr_t *socket);
    ptrdiff_t (*send)(void *user_data, intptr_t socket, const void *data, size_t len);  // bytes taken, or an error
    ptrdiff_t (*recv)(void *user_data, intptr_t socket, void *data, size_t cap);  // bytes, CLOSED, or an error
    void (*close)(void *user_data, intptr_t socket);
    // From now on wait reports these events of the socket (0: none) under this tag. Repeated until handled.
    bool (*watch)(void *user_data, intptr_t socket, int events, uintptr_t tag);
    // Waits until something is ready, a lookup has an answer, wake was called or the time is over (0: returns at
    // once, <0: no limit). Number of entries written.
    int (*wait)(void *user_data, tamar_ready *out, int cap, int timeout_ms);
    void (*wake)(void *user_data);  // from any thread: ends a wait. May be NULL
    // What the host's own event loop must watch for lookups and wake: descriptors, at most cap. May be NULL
    int (*extra_fds)(void *user_data, intptr_t *out, int cap);
    void *user_data;
} tamar_sockets;

typedef struct tamar_tls_wanted {
    const char *host;  // for SNI and verification; lower case, no trailing dot
    bool numeric;  // host is an address: no SNI
    const char *ca_file;  // NULL: the system's store
    int64_t unix_ms;
} tamar_tls_wanted;

// TLS as bytes in, bytes out. feed and drain carry ciphertext, read and write plaintext; the handshake happens inside them.
typedef struct tamar_tls {
    void *(*start)(void *user_data, const tamar_tls_wanted *wanted, const char **why);  // NULL: *why says why, constant text
    ptrdiff_t (*feed)(void *session, const void *data, size_t len);  // bytes taken, or an error
    ptrdiff_t (*drain)(void *session, void *out, size_t cap);  // bytes to send to the peer; 0: none now
    ptrdiff_t (*read)(void *session, void *out, size_t cap);  // bytes, AGAIN, CLOSED (close_notify), CERT, TLS
    ptrdiff_t (*write)(void *session, const void *data, size_t len);  // bytes, AGAIN (also while in handshake), CERT, TLS
    const char *(*why)(void *session);  // after an error: text for people, lives with the session
    void (*end)(void *session);
    void *user_data;
} tamar_tls;

// One HTTP exchange as a transport sees it. Copy it; pushing to one that is over is harmless.
typedef struct tamar_exchange {
    void *owner;
    uint32_t id;
} tamar_exchange;

// An entry of the host's event loop.
typedef struct tamar_poll_fd {
    intptr_t fd;
    int events;  // TAMAR_READABLE, TAMAR_WRITABLE
} tamar_poll_fd;

// Whole HTTP exchanges. All calls on the owner's thread. start copies what it needs of the request before it returns.
typedef struct tamar_transport {
    bool (*start)(void *user_data, tamar_exchange exchange, const tamar_http_request *request, const char **why);
    void (*cancel)(void *user_data, tamar_exchange exchange);  // nothing is pushed for it afterwards
    void (*pump)(void *user_data, int wait_ms);  // moves things on; may wait that long (<0: no limit)
    int (*poll_fds)(void *user_data, tamar_poll_fd *out, int cap, int *timeout_ms);  // may be NULL
    void (*wake)(void *user_data);  // from any thread; may be NULL
    void *user_data;
} tamar_transport;

// -- the description -------------------------------------------------------------------------------

// Zero-initialise it; every zero is the default that its comment names. Strings are copied, seams too.
typedef struct tamar_desc {
    const char *base_url;  // for bare model names: an OpenAI-compatible server, e.g. "http://localhost:8080/v1"
    const char *api_key;  // for all providers (default: each provider's environment variable)
    const char *default_model;  // for requests that name none
    const tamar_provider *providers;  // rows of yours, before the built-in ones
    size_t provider_count;
    tamar_timeouts timeouts;
    tamar_opt_int max_retries;  // of requests that failed before content came (default: 2)
    int max_calls;  // alive at once (default: 16; at most 65,000)
    int max_connections;  // open at once (default: 64, or max_calls if that is more)
    int max_idle_connections;  // kept for reuse (default: 8)
    int idle_connection_ms;  // how long (default: 30,000)
    size_t max_header;  // bytes of a response's head (default: 64 KiB)
    size_t max_event;  // bytes of one streamed event (default: 64 MiB)
    size_t max_body;  // bytes of a response (default: 64 MiB, streams are not limited by it)
    size_t receive_buffer;  // one for all connections (default: 64 KiB; with desc.memory 4 KiB)
    size_t pump_budget;  // bytes read in one pump (default: 1 MiB)
    bool allow_plain_http;  // keys may travel over http to hosts other than loopback
    const char *ca_file;  // PEM instead of the system's store
    const char *user_agent;  // (default: "tamar/VERSION")
    tamar_allocator allocator;  // (default: malloc)
    void *memory;  // or a fixed block: no allocator is called
    size_t memory_size;
    tamar_clock clock;
    tamar_random random;
    tamar_environment environment;
    tamar_log log;
    tamar_key_source key;
    tamar_sockets sockets;
    tamar_tls tls;
    tamar_transport transport;  // replaces sockets and tls
    tamar_error *error;  // where tamar_open says why it returned NULL; may be NULL
} tamar_desc;

typedef struct tamar_memory_stats {
    size_t used, peak;  // bytes; with a fixed block peak is its high-water mark
    uint64_t allocations;  // requests for memory so far
} tamar_memory_stats;

// -- functions -------------------------------------------------------------------------------------

// desc NULL: provider keys from the environment, nothing else. NULL on failure; every other function takes NULL for a client.
#define tamar_open(desc) tamar_open_sized((desc), sizeof(tamar_desc), TAMAR_ABI)
TAMAR_API tamar_client *tamar_open_sized(const tamar_desc *desc, size_t desc_size, int abi);
// Cancels what is alive and frees everything but responses from tamar_chat, which must be freed before.
TAMAR_API void tamar_close(tamar_client *client);

// Never blocks, always returns a handle; what is wrong with the request comes as the call's FINISH.
TAMAR_API tamar_call tamar_send(tamar_client *client, const tamar_request *request);
// Does all that is due. wait_ms 0 never blocks, <0 waits until something happens, >0 at most so long. True while a
// call is unfinished or an event undelivered; a finished call that was not released does not count.
TAMAR_API bool tamar_pump(tamar_client *client, int wait_ms);
// The next event of any call without on_event. False: there is none.
TAMAR_API bool tamar_next_event(tamar_client *client, tamar_event *event);
// NULL until finished and after release.
TAMAR_API const tamar_response *tamar_result(tamar_client *client, tamar_call call);
// Final when it returns; partial text and usage stay, FINISH is still delivered.
TAMAR_API void tamar_cancel(tamar_client *client, tamar_call call);
TAMAR_API void tamar_cancel_all(tamar_client *client, uint32_t group);  // group 0: every call
// Frees the call. A live one is cancelled without further events.
TAMAR_API void tamar_release(tamar_client *client, tamar_call call);
// send + pump until it is over. Never NULL; free with tamar_response_free. Other calls go on meanwhile.
TAMAR_API tamar_response *tamar_chat(tamar_client *client, const tamar_request *request);
TAMAR_API void tamar_response_free(tamar_response *response);  // NULL is fine
// What the host's own event loop has to watch, and for how long at most. Returns how many there are, also beyond cap.
TAMAR_API int tamar_poll_fds(tamar_client *client, tamar_poll_fd *out, int cap, int *timeout_ms);
TAMAR_API void tamar_wake(tamar_client *client);  // from any thread: ends a waiting pump
TAMAR_API tamar_memory_stats tamar_memory(const tamar_client *client);
TAMAR_API const tamar_desc *tamar_description(const tamar_client *client);  // with every default filled in; secrets left out
TAMAR_API const char *tamar_version(void);

// Names of enumerators in lower case, as DESIGN's JSON uses them: "timeout_idle", "tool_calls".
TAMAR_API const char *tamar_category_name(tamar_category category);
TAMAR_API const char *tamar_finish_name(tamar_finish finish);
TAMAR_API const char *tamar_phase_name(tamar_phase phase);
TAMAR_API const char *tamar_event_name(tamar_event_type type);

// Serialise only. Never NULL, owned, free with tamar_encoded_free. Needs no key: without one the header's value is a
// placeholder. desc may be NULL.
TAMAR_API tamar_encoded *tamar_encode(const tamar_desc *desc, const tamar_request *request);
TAMAR_API void tamar_encoded_free(tamar_encoded *encoded);

// Parse only: provider bytes in pieces of any size -> events and one response. NULL when memory is out.
TAMAR_API tamar_decoder *tamar_decoder_open(const tamar_decoder_desc *desc);
TAMAR_API void tamar_decoder_header(tamar_decoder *decoder, const char *name, const char *value);
TAMAR_API bool tamar_decoder_feed(tamar_decoder *decoder, const void *data, size_t len);  // false: it is over, nothing more is read
TAMAR_API bool tamar_decoder_next_event(tamar_decoder *decoder, tamar_event *event);  // its views live until the next feed
TAMAR_API const tamar_response *tamar_decoder_end(tamar_decoder *decoder, bool clean);  // clean: the framing ended as it should
TAMAR_API void tamar_decoder_close(tamar_decoder *decoder);

// An event stream, strictly by the WHATWG standard. allocator NULL: malloc. max 0: 64 MiB an event.
TAMAR_API tamar_sse *tamar_sse_open(const tamar_allocator *allocator, size_t max_event);
TAMAR_API bool tamar_sse_feed(tamar_sse *sse, const void *data, size_t len);  // borrowed until next said false. false: memory or max
TAMAR_API bool tamar_sse_next(tamar_sse *sse, tamar_sse_event *event);  // views live until the next call
TAMAR_API bool tamar_sse_pending(tamar_sse *sse, tamar_sse_event *event);  // at the end: what the standard discards
TAMAR_API void tamar_sse_close(tamar_sse *sse);

// What a transport pushes into its exchange. status first, then headers, then body, then end.
TAMAR_API void tamar_exchange_phase(tamar_exchange exchange, tamar_phase phase);
TAMAR_API void tamar_exchange_status(tamar_exchange exchange, int status);
TAMAR_API void tamar_exchange_header(tamar_exchange exchange, tamar_str name, tamar_str value);
TAMAR_API size_t tamar_exchange_body(tamar_exchange exchange, const void *data, size_t len);  // bytes accepted
// category TAMAR_OK: the framing ended as it should. message: constant text or NULL. reused: the connection had served
// before; bytes_sent: of the request, so that a retry knows whether the server can have seen it.
TAMAR_API void tamar_exchange_end(tamar_exchange exchange, tamar_category category, const char *message, bool reused, size_t bytes_sent);

// Conveniences for literals, and for C++, which has no compound literals.
TAMAR_API tamar_str tamar_text(const char *z);  // NULL is empty
TAMAR_API tamar_opt_int tamar_int(int64_t value);
TAMAR_API tamar_opt_double tamar_double(double value);
TAMAR_API tamar_part tamar_text_part(const char *text);
TAMAR_API tamar_part tamar_image_part(const char *url);
TAMAR_API tamar_part tamar_tool_result_part(tamar_str call_id, tamar_str result);

#ifdef __cplusplus
}
#endif
#endif  // TAMAR_LLM_H
