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
#if defined(TAMAR__ASKED_HERE) && !defined(TAMAR_IMPLEMENTATION)
#define TAMAR_IMPLEMENTATION
#endif
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
       tamar_response *r = tamar_chat(llm, &(tamar_request){ .model = "openai/gpt-6-sol",
                                                             .prompt = "Name one river." });
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
       A provider is a row and a model's ways are a row: yours go into desc.providers and desc.models, or as JSON
       into desc.table. tamar_provider_at lists them, tamar_model_capabilities says what a model can do.

   MEMORY
       All memory comes through desc.allocator, or from desc.memory, a block of yours: then no allocator is ever
       called, and a full block fails only the call that needed more. tamar_memory() reports use and peak.

   THE SEAMS
       desc.transport  whole HTTP exchanges (browser fetch, libcurl, an engine's HTTP module)
       desc.sockets    non-blocking sockets and names (lwIP, a fake network); desc.tls: bytes in, bytes out
       desc.dialects   how requests are written and answers read, for a service that speaks like no other
       desc.clock, desc.random, desc.log, desc.key, desc.environment, desc.allocator

   SECTIONS (search for the tag)
       >>log      log items, records, redaction
       >>url      split, percent-encoding
       >>sse      event stream: bytes in, events out; NDJSON
       >>http1    request head, response parser, chunked; no I/O
       >>hash     SHA-256, HMAC, JWT HS256
       >>policy   what an error is and whether trying again helps
       >>model    provider rows
       >>talk     messages and parts: validation
       >>dialect  neutral model <-> provider JSON
       >>os       sockets, names, clock, entropy, environment, system libraries
       >>tls      bytes in, bytes out
       >>net      connections, pool
       >>auth     keys, tokens, signatures
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
       TAMAR_NO_NATIVE 1    without dashscope-native, hunyuan-native and their signature
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

// What is asked for. Every kind goes through the same client, events and errors.
typedef enum tamar_kind {
    TAMAR_KIND_CHAT = 0,
    TAMAR_KIND_EMBEDDINGS,  // request.inputs -> response.embeddings
    TAMAR_KIND_IMAGES,  // request.prompt, and pictures in messages -> response.images
    TAMAR_KIND_MODELS,  // -> response.models
    TAMAR_KIND_TOKENS,  // as a chat, but only counted -> response.usage.input_tokens
    // request.inputs, each the last turn of a chat of its own -> a part each in response.message: the text, and the
    // gateway's whole answer (usage, error, custom_id) as its opaque data
    TAMAR_KIND_BATCH
} tamar_kind;

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
    // TEXT, REASONING, REFUSAL: the text. TOOL_CALL: the arguments as JSON text. TOOL_RESULT: what the tool said
    tamar_str text;
    tamar_str id;  // TOOL_CALL, TOOL_RESULT: which call. IMAGE, FILE: the vendor's file id
    tamar_str name;  // TOOL_CALL: the tool. TOOL_RESULT: the tool, where the vendor wants it. FILE: file name
    tamar_str url;  // IMAGE, AUDIO, VIDEO, FILE: https: or data: URL
    tamar_str data;  // the same, as raw bytes (base64 is ours to write)
    tamar_str mime_type;  // of data, e.g. "image/png". AUDIO: "audio/wav", "audio/mpeg"
    tamar_str detail;  // IMAGE: auto, low, high, original
    // the provider's own JSON for this part, kept and replayed byte for byte. OPAQUE has nothing else
    tamar_str opaque;
    tamar_str origin;  // the dialect that opaque belongs to, e.g. "openai-chat"
    tamar_str model;  // the model that opaque comes from: some vendors refuse another one's reasoning ("": any)
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

typedef struct tamar_embedding {
    const double *values;
    size_t count;
} tamar_embedding;

// A model that the vendor lists. Numbers are 0 where the vendor does not tell.
typedef struct tamar_model {
    tamar_str id, name;
    int64_t input_tokens, output_tokens;  // at most
} tamar_model;

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
    const tamar_embedding *embeddings;  // in the order of request.inputs
    size_t embedding_count;
    const tamar_model *models;
    size_t model_count;
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
    tamar_kind kind;
    const char *model;  // "provider/model"; for TAMAR_KIND_MODELS "provider/" will do
    const char *api;  // the dialect, where a provider speaks several (default: its row's, or what the model needs)
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
    tamar_opt_int top_k;
    tamar_opt_int seed;
    tamar_opt_int logprobs;  // 0 or 1
    tamar_opt_int top_logprobs;
    const char *const *stop;
    size_t stop_count;
    int choices;  // more than 1 is a warning
    tamar_effort effort;
    const char *verbosity;  // low, medium, high
    const char *user;  // end user id
    const char *org_id, *client_type;  // a gateway's: whom to bill, and what asks (default: "tamar-c")
    const char *channel, *invoke_type;  // how the gateway asks the vendor, in its words (default: as the model needs)
    const char *cache_key;  // prompt cache routing
    const char *service_tier;
    tamar_opt_int store;  // 0 or 1: may the vendor keep it
    const char *metadata;  // JSON object of strings
    const char *const *inputs;  // EMBEDDINGS: the texts (or prompt, for one)
    size_t input_count;
    const char *input_type;  // EMBEDDINGS: query, document, or the vendor's word
    int dimensions;  // EMBEDDINGS: of each vector (default: the model's)
    int image_count;  // IMAGES (default: 1)
    const char *image_size;  // IMAGES: "1024x1024", "16:9", or the vendor's word
    const char *image_quality, *image_format;  // IMAGES: the vendor's words; png, jpeg, webp
    const char *extra;  // JSON object; its members are added to the body, and replace ours of the same name
    const char *extra_headers;  // "Name: value" lines
    const char *api_key, *base_url;  // instead of the description's; api_key "": none
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

struct tamar_dialect;

typedef struct tamar_decoder_desc {
    const char *api;  // the dialect, e.g. "openai-chat"
    const char *provider;  // its quirk row; unknown or NULL: none
    const struct tamar_dialect *const *dialects;  // of yours, before the built-in ones
    size_t dialect_count;
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
#define TAMAR_QUIRK_DEVELOPER_ROLE (UINT64_C(1) << 0)  // reasoning models take the system text as role developer
#define TAMAR_QUIRK_MAX_COMPLETION_TOKENS (UINT64_C(1) << 1)  // instead of max_tokens, always
#define TAMAR_QUIRK_FOUR_STOPS (UINT64_C(1) << 2)  // takes four stop sequences
#define TAMAR_QUIRK_NO_STREAM_OPTIONS (UINT64_C(1) << 3)  // refuses stream_options
#define TAMAR_QUIRK_OBFUSCATION (UINT64_C(1) << 4)  // pads each chunk unless told not to
#define TAMAR_QUIRK_RANDOM_SEED (UINT64_C(1) << 5)  // seed is called random_seed
#define TAMAR_QUIRK_TOOL_CHOICE_ANY (UINT64_C(1) << 6)  // required is called any
#define TAMAR_QUIRK_TOOL_RESULT_NAME (UINT64_C(1) << 7)  // tool messages carry the tool's name
#define TAMAR_QUIRK_EMPTY_CONTENT (UINT64_C(1) << 8)  // content null is refused beside tool calls: ""
#define TAMAR_QUIRK_REASONING_CONTENT (UINT64_C(1) << 9)  // reasoning_content is replayed, on every assistant turn
#define TAMAR_QUIRK_REASONING (UINT64_C(1) << 10)  // reasoning is replayed as reasoning
#define TAMAR_QUIRK_REASONING_DETAILS (UINT64_C(1) << 11)  // reasoning_details are replayed as they came
#define TAMAR_QUIRK_NO_SCHEMA (UINT64_C(1) << 12)  // knows json_object only: the schema goes into the system text
#define TAMAR_QUIRK_NO_TOOLS (UINT64_C(1) << 13)
#define TAMAR_QUIRK_NO_STOP (UINT64_C(1) << 14)
#define TAMAR_QUIRK_NO_PENALTIES (UINT64_C(1) << 15)
#define TAMAR_QUIRK_NO_SEED (UINT64_C(1) << 16)
#define TAMAR_QUIRK_STRING_IMAGE (UINT64_C(1) << 17)  // image_url is a plain string
#define TAMAR_QUIRK_NO_PARALLEL (UINT64_C(1) << 18)  // refuses parallel_tool_calls
#define TAMAR_QUIRK_USER_ID (UINT64_C(1) << 19)  // user is called user_id
#define TAMAR_QUIRK_NO_USER (UINT64_C(1) << 20)
#define TAMAR_QUIRK_NO_LOGPROBS (UINT64_C(1) << 21)
#define TAMAR_QUIRK_KEY_OPTIONAL (UINT64_C(1) << 22)  // a local server
#define TAMAR_QUIRK_RESPONSES (UINT64_C(1) << 23)  // reasoning models with tools go through openai-responses
#define TAMAR_QUIRK_SAFETY_IDENTIFIER (UINT64_C(1) << 24)  // user is called safety_identifier
#define TAMAR_QUIRK_IDEMPOTENCY (UINT64_C(1) << 25)  // takes Idempotency-Key
#define TAMAR_QUIRK_THINKING_SWITCH (UINT64_C(1) << 26)  // thinking:{type:enabled|disabled} beside reasoning_effort
#define TAMAR_QUIRK_NO_NAME (UINT64_C(1) << 27)  // refuses the name of a message
#define TAMAR_QUIRK_VERSION_2026 (UINT64_C(1) << 31)  // knows anthropic-version 2026-10-21 (at this row's base_url)
#define TAMAR_QUIRK_VERTEX (UINT64_C(1) << 32)  // Google Cloud: publishers in the path, predict
#define TAMAR_QUIRK_REQUEST_ID (UINT64_C(1) << 33)  // our id in X-Request-ID, the caller's in X-Origin-Request-ID
// enforces a schema only where every property is required and no other is allowed
#define TAMAR_QUIRK_STRICT_SCHEMA (UINT64_C(1) << 34)
#define TAMAR_QUIRK_REASONING_OBJECT (UINT64_C(1) << 28)  // reasoning:{effort} instead of reasoning_effort
#define TAMAR_QUIRK_LOGPROBS_COUNT (UINT64_C(1) << 29)  // logprobs is the number of them
#define TAMAR_QUIRK_FLAT_FILE (UINT64_C(1) << 30)  // a file part's members stand beside its type


// One row a provider. Register your own with desc.providers; a name that exists already is replaced.
typedef struct tamar_provider {
    const char *name;  // as it stands before the slash
    const char *aliases;  // "a,b" or NULL
    const char *api;  // the dialect
    // {A,B} stands for the first environment variable of that list that is set, {A|text} has a default, and behind
    // that, {A|text?x=one;*=any-*}, it is looked up: the first key that fits, * standing for the value. {model} is the
    // model's name
    const char *base_url;
    // environment variables, "A,B": the first that is set; "A+B": both, as one key a:b. "Bearer B": what B holds is a
    // token, which travels in Authorization whatever auth says; so does any key that is given as "Bearer ..."
    const char *key_env;
    const char *base_url_env;
    uint64_t quirks;
    const char *models;  // bare names that belong here, globs: "gpt-*,o3*"
    const char *family;  // whose model profiles apply: openai, claude, gemini, ... (default: none)
    // how the key travels: bearer (default), x-api-key, api-key, x-goog-api-key, none; or what it signs anew for each
    // attempt: tamar-jwt (the key is the secret, or a ready token), zhipu-jwt (id.secret), tc3 (SecretId:SecretKey)
    const char *auth;
    const char *headers;  // "Name: value" lines that every request carries
} tamar_provider;

#define TAMAR_MODEL_REASONS (UINT64_C(1) << 0)
#define TAMAR_MODEL_NO_SAMPLING (UINT64_C(1) << 1)  // refuses temperature, top_p and the like
#define TAMAR_MODEL_SAMPLES_WHEN_OFF (UINT64_C(1) << 2)  // takes them only with reasoning switched off
#define TAMAR_MODEL_NO_STOP (UINT64_C(1) << 3)
#define TAMAR_MODEL_TOOLS_NEED_OFF (UINT64_C(1) << 4)  // openai-chat refuses tools while it reasons
#define TAMAR_MODEL_NO_FORCED_TOOL (UINT64_C(1) << 5)  // refuses required and named tool choices
#define TAMAR_MODEL_BUDGET (UINT64_C(1) << 6)  // reasoning is asked for by a number of tokens, not a level
#define TAMAR_MODEL_NO_SCHEMA (UINT64_C(1) << 7)  // cannot enforce a schema
// The rest says how openai-chat is spoken; a family's last row ("*") speaks for its provider.
#define TAMAR_MODEL_TEMPLATE_THINKING (UINT64_C(1) << 8)  // chat_template_kwargs:{enable_thinking}
#define TAMAR_MODEL_PLAIN_SCHEMA (UINT64_C(1) << 9)  // refuses $schema in a schema
#define TAMAR_MODEL_NO_IMAGES (UINT64_C(1) << 10)  // takes no pictures at all
#define TAMAR_MODEL_OFF_BY_DEFAULT (UINT64_C(1) << 11)  // reasoning is switched off unless asked for
#define TAMAR_MODEL_ENABLE_THINKING (UINT64_C(1) << 12)  // enable_thinking:true|false
#define TAMAR_MODEL_THINKING_TYPE (UINT64_C(1) << 13)  // thinking:{type:enabled|disabled}
#define TAMAR_MODEL_ON_OFF (UINT64_C(1) << 14)  // reasoning has no levels
#define TAMAR_MODEL_STREAM_TO_THINK (UINT64_C(1) << 15)  // reasons in a stream only, and has to be told so otherwise
#define TAMAR_MODEL_TOP_K (UINT64_C(1) << 16)  // takes top_k
#define TAMAR_MODEL_UNIT_TEMPERATURE (UINT64_C(1) << 17)  // temperature above 0, at most 1
#define TAMAR_MODEL_NO_JSON_MODE (UINT64_C(1) << 18)  // knows json_schema, but not json_object
#define TAMAR_MODEL_STOP_ONE (UINT64_C(1) << 19)
#define TAMAR_MODEL_STOP_FOUR_SHORT (UINT64_C(1) << 20)  // stop sequences: four, of at most 20 characters
#define TAMAR_MODEL_STOP_FIVE_SHORT (UINT64_C(1) << 21)  // five, of at most 32 bytes
#define TAMAR_MODEL_TOOL_AUTO (UINT64_C(1) << 22)  // tool_choice can only be auto
#define TAMAR_MODEL_NO_NAMED_TOOL (UINT64_C(1) << 23)  // tool_choice is a word, never an object
#define TAMAR_MODEL_RAW_IMAGE (UINT64_C(1) << 24)  // pictures as bare base64, without data:
#define TAMAR_MODEL_NO_IMAGE_URL (UINT64_C(1) << 25)  // fetches no pictures
#define TAMAR_MODEL_NO_FREQUENCY (UINT64_C(1) << 26)  // refuses frequency_penalty
#define TAMAR_MODEL_CACHE_MARKS (UINT64_C(1) << 27)  // takes cache_control on parts
#define TAMAR_MODEL_REPLAYS (UINT64_C(1) << 28)  // wants reasoning_content back in turns that have some
#define TAMAR_MODEL_REASONING_SPLIT (UINT64_C(1) << 29)  // reasoning_split:true keeps it apart from the text
#define TAMAR_MODEL_BLANK_CONTENT (UINT64_C(1) << 30)  // an assistant's content must not be empty
// Here each dialect has its own.
#define TAMAR_MODEL_ADAPTIVE (UINT64_C(1) << 31)  // decides by itself how long it thinks, under a level
#define TAMAR_MODEL_EFFORT_TOO (UINT64_C(1) << 32)  // takes a level beside the number of tokens
#define TAMAR_MODEL_BETWEEN_TOOLS (UINT64_C(1) << 33)  // reasoning is not switched off but kept to between tool calls
#define TAMAR_MODEL_NO_PREFILL (UINT64_C(1) << 34)  // does not go on with a begun answer
#define TAMAR_MODEL_MID_SYSTEM (UINT64_C(1) << 35)  // takes a system text in the middle of the conversation
#define TAMAR_MODEL_ONE_SAMPLING (UINT64_C(1) << 36)  // takes temperature or top_p, not both
#define TAMAR_MODEL_SIGNED_CALLS (UINT64_C(1) << 37)  // gemini-generate: tool calls carry ids and signatures
#define TAMAR_MODEL_NO_PENALTIES (UINT64_C(1) << 38)
#define TAMAR_MODEL_NO_SYSTEM (UINT64_C(1) << 39)  // knows no system text: it goes in front of the first message
#define TAMAR_MODEL_PREDICT (UINT64_C(1) << 40)  // gemini-images: through the predict call
#define TAMAR_MODEL_EMBEDS_ONE (UINT64_C(1) << 41)  // gemini-embeddings: no task types; on Vertex one text a call
#define TAMAR_MODEL_MIXED (UINT64_C(1) << 42)  // dashscope-native: not for text only, at an address of its own
#define TAMAR_MODEL_COMPLETION_TOKENS (UINT64_C(1) << 43)  // openai-chat: max_completion_tokens instead of max_tokens


// What the models behind a glob take. The first row that fits counts: yours (desc.models), then the built-in ones.
typedef struct tamar_model_profile {
    const char *family;  // of the provider's row
    const char *models;  // globs
    uint64_t flags;
    uint32_t efforts;  // set of 1 << TAMAR_EFFORT_...
    int max_tokens;  // of an answer, where the vendor insists on being told (0: unknown)
    const char *instead;  // the name's successor, when the vendor has retired it
} tamar_model_profile;

// What a model can do. What no table forbids is taken to be there.
typedef struct tamar_capabilities {
    const tamar_provider *provider;
    const char *model;  // as the provider calls it: part of the name that was asked for
    const char *instead;  // its successor, when the vendor has retired it, or NULL
    bool enabled;  // the provider is not switched off
    bool known;  // there is a profile for it; otherwise the rest is a guess
    bool tools, forced_tools, parallel_tools, images, schema, json_mode, sampling, seed, stop, reasoning;
    uint32_t efforts;  // set of 1 << TAMAR_EFFORT_...
    int max_tokens;  // of an answer (0: unknown)
} tamar_capabilities;

// -- dialects of yours -----------------------------------------------------------------------------

// A request while a dialect writes it. Its body is one JSON value; what never changes between turns goes first.
typedef struct tamar_draft {
    const tamar_request *request;
    const tamar_provider *provider;
    const tamar_model_profile *profile;
    const char *model;  // as the provider calls it
    tamar_json_writer *body;
    void *own;  // the library's
} tamar_draft;

// An answer while a dialect reads it: see the functions tamar_reply_...
typedef struct tamar_reply tamar_reply;

// How requests of one kind are written and their answers read. Register it with desc.dialects; a provider's row names
// it as its api. One with a built-in one's name takes its place. The callbacks know nothing of HTTP, time or calls,
// and keep nothing of what they are shown.
typedef struct tamar_dialect {
    size_t size;  // sizeof(tamar_dialect): members that a later version adds are then known not to be there
    const char *name;
    tamar_kind kind;
    const char *method;  // (default: POST; GET without encode)
    const char *path, *stream_path;  // behind the base URL; {model} is the model's name. stream_path NULL: path
    bool lines;  // one JSON object a line instead of an event stream
    bool finish_proves;  // a finish reason and a clean end are proof enough that the answer is whole
    // NULL, or why this request cannot be sent: constant text that names the field and the cure
    const char *(*encode)(void *user_data, tamar_draft *draft);
    // One event of a stream, or one line. Check it whole before anything of it takes effect.
    void (*record)(void *user_data, tamar_reply *reply, tamar_str event, tamar_str data);
    void (*document)(void *user_data, tamar_reply *reply, tamar_json document);  // a whole answer
    void *user_data;
} tamar_dialect;

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

typedef enum tamar_log_level {
    TAMAR_LOG_ERROR = 1,
    TAMAR_LOG_WARNING,
    TAMAR_LOG_INFO,
    TAMAR_LOG_DEBUG
} tamar_log_level;

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

// TLS as bytes in, bytes out. feed and drain carry ciphertext, read and write plaintext; the handshake happens
// inside them.
typedef struct tamar_tls {
    // NULL: *why says why, constant text
    void *(*start)(void *user_data, const tamar_tls_wanted *wanted, const char **why);
    ptrdiff_t (*feed)(void *session, const void *data, size_t len);  // bytes taken, or an error
    ptrdiff_t (*drain)(void *session, void *out, size_t cap);  // bytes to send to the peer; 0: none now
    ptrdiff_t (*read)(void *session, void *out, size_t cap);  // bytes, AGAIN, CLOSED (close_notify), CERT, TLS
    // bytes, AGAIN (also while in handshake), CERT, TLS
    ptrdiff_t (*write)(void *session, const void *data, size_t len);
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
    const tamar_model_profile *models;  // profiles of yours, before the built-in ones
    size_t model_count;
    // More of both, as JSON, behind yours and before the built-in ones: {"providers":[..],"models":[..]}, whose
    // members are those of tamar_provider and tamar_model_profile. quirks and flags are lists of the words in lower
    // case ("no_tools", "on_off"), efforts of "off" .. "max"; a list "a,b" may also be ["a","b"].
    const char *table;
    const char *providers_off;  // names of rows, "a,b": calls to these fail; see tamar_provider_enable
    const tamar_dialect *const *dialects;  // of yours, before the built-in ones
    size_t dialect_count;
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
    size_t pump_budget;  // bytes read in one pump (default: 128 KiB)
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
    // Where tamar_open says why it returned NULL; may be NULL. For a mistake in the table, param is the place in it.
    tamar_error *error;
} tamar_desc;

typedef struct tamar_memory_stats {
    size_t used, peak;  // bytes; with a fixed block peak is its high-water mark
    uint64_t allocations;  // requests for memory so far
} tamar_memory_stats;

// -- functions -------------------------------------------------------------------------------------

// desc NULL: provider keys from the environment, nothing else. NULL on failure; every other function takes NULL for
// a client.
#define tamar_open(...) tamar_open_sized((__VA_ARGS__), sizeof(tamar_desc), TAMAR_ABI)
TAMAR_API tamar_client *tamar_open_sized(const tamar_desc *desc, size_t desc_size, int abi);
// Cancels what is alive and frees everything but responses from tamar_chat, which must be freed before.
TAMAR_API void tamar_close(tamar_client *client);

// Never blocks, always returns a handle; what is wrong with the request comes as the call's FINISH.
TAMAR_API tamar_call tamar_send(tamar_client *client, const tamar_request *request);
// Does all that is due. wait_ms 0 never blocks; <0 waits until something happens, and not at all when no call is
// alive; >0 waits at most so long, also without a call (tamar_wake ends it). True while a call is unfinished or an
// event undelivered; a finished call that was not released does not count.
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
// with every default filled in; secrets left out
TAMAR_API const tamar_desc *tamar_description(const tamar_client *client);
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
// false: it is over, nothing more is read
TAMAR_API bool tamar_decoder_feed(tamar_decoder *decoder, const void *data, size_t len);
// its views live until the next feed
TAMAR_API bool tamar_decoder_next_event(tamar_decoder *decoder, tamar_event *event);
// clean: the framing ended as it should
TAMAR_API const tamar_response *tamar_decoder_end(tamar_decoder *decoder, bool clean);
TAMAR_API void tamar_decoder_close(tamar_decoder *decoder);

// The providers that a call may name: yours, the table's, the built-in ones; of two with one name the first. client
// NULL: the built-in ones.
TAMAR_API size_t tamar_provider_count(const tamar_client *client);
TAMAR_API const tamar_provider *tamar_provider_at(const tamar_client *client, size_t index);  // NULL: beyond the last
TAMAR_API const tamar_provider *tamar_provider_named(const tamar_client *client, const char *name);  // or an alias
// A call to one that is off fails with TAMAR_CONFIG; those under way go on. False: no such provider, or no memory.
TAMAR_API bool tamar_provider_enable(tamar_client *client, const char *name, bool on);
TAMAR_API bool tamar_provider_enabled(const tamar_client *client, const char *name);
// What "provider/model" (or a bare name) can do, as far as the tables know. False: no provider is known for it.
TAMAR_API bool tamar_model_capabilities(const tamar_client *client, const char *model, tamar_capabilities *out);

// What a dialect's encode may decide besides the body. Texts are copied, a warning's are constants.
TAMAR_API void tamar_draft_path(tamar_draft *draft, const char *path);
TAMAR_API void tamar_draft_header(tamar_draft *draft, const char *name, const char *value);
TAMAR_API void tamar_draft_warn(tamar_draft *draft, const char *code, const char *message);

// What a dialect's record and document report. Everything is copied; failing memory ends the answer with its error.
// Appends what a JSON string says to a part of type TEXT, REASONING or REFUSAL; anything but a string is nothing.
TAMAR_API void tamar_reply_append(tamar_reply *reply, tamar_part_type type, tamar_json string);
TAMAR_API void tamar_reply_text(tamar_reply *reply, tamar_part_type type, tamar_str text);  // the same of plain text
// The tool call with this number of yours: begins it, or adds an id or name that it still lacks.
TAMAR_API void tamar_reply_call(tamar_reply *reply, int64_t number, tamar_json id, tamar_json name);
// More of its arguments: a string that holds JSON goes on, an object is all of them.
TAMAR_API void tamar_reply_arguments(tamar_reply *reply, int64_t number, tamar_json arguments);
TAMAR_API void tamar_reply_usage(tamar_reply *reply, const tamar_usage *usage);  // the last one counts, whole
TAMAR_API void tamar_reply_cite(tamar_reply *reply, tamar_json url, tamar_json title);
TAMAR_API void tamar_reply_about(tamar_reply *reply, tamar_json id, tamar_json model, tamar_json created);
// The vendor's word; the last one counts. means NONE: the usual words are known (stop, length, tool_calls, ...).
TAMAR_API void tamar_reply_finish(tamar_reply *reply, tamar_json word, tamar_finish means);
TAMAR_API void tamar_reply_done(tamar_reply *reply);  // the stream's proof that it is whole: nothing more is read
// category OK: told from code, message and the HTTP status, as for every other vendor.
TAMAR_API void tamar_reply_fail(tamar_reply *reply, tamar_category category, tamar_json code, tamar_json message);
// True, and failed: there is an error in this object in one of the shapes that vendors have for it.
TAMAR_API bool tamar_reply_error(tamar_reply *reply, tamar_json document);
TAMAR_API void tamar_reply_warn(tamar_reply *reply, const char *code, const char *message);  // constants
// Memory for this answer, zeroed when first asked for. NULL: there is none left.
TAMAR_API void *tamar_reply_memory(tamar_reply *reply, size_t size);

// Feeds an answer to a dialect of yours whole, byte by byte and at every split, and compares. NULL, or what differs.
// The test that every built-in dialect passes; the response is the whole one's error, or OK.
TAMAR_API const char *tamar_dialect_check(const tamar_dialect *dialect, bool stream, int status, const void *answer,
                                          size_t len);

// An event stream, strictly by the WHATWG standard. allocator NULL: malloc. max 0: 64 MiB an event.
TAMAR_API tamar_sse *tamar_sse_open(const tamar_allocator *allocator, size_t max_event);
// borrowed until next said false. false: memory or max
TAMAR_API bool tamar_sse_feed(tamar_sse *sse, const void *data, size_t len);
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
TAMAR_API void tamar_exchange_end(tamar_exchange exchange, tamar_category category, const char *message, bool reused,
                                  size_t bytes_sent);

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

/* ------------------------------------------------------------------------------------------------
   Stop here if you only use the API.
   ------------------------------------------------------------------------------------------------ */

#if defined(TAMAR_IMPLEMENTATION) && !defined(TAMAR__LLM_IMPLEMENTED)
#define TAMAR__LLM_IMPLEMENTED 1

#ifndef TAMAR_NO_SOCKETS
#define TAMAR_NO_SOCKETS 0
#endif
#ifndef TAMAR_NO_THREADS
#define TAMAR_NO_THREADS 0
#endif
#ifndef TAMAR_NO_TLS
#define TAMAR_NO_TLS 0
#endif
#ifndef TAMAR_NO_NATIVE
#define TAMAR_NO_NATIVE 0
#endif
#ifndef TAMAR_NO_MEMO
#define TAMAR_NO_MEMO 0  // 1: every streamed record is parsed in full (to measure and to test the memo)
#endif

#ifdef __cplusplus
extern "C" {
#endif

// =================================================================================================
// >>log  log items, records, redaction | uses: base str
// What can be logged is one table: a stable name, a level and a text. A record is built only when its level
// is wanted. Text from outside passes through tamar__log_clean, which is the one place where a secret that a
// server echoes, and every byte that could drive a terminal, is taken out.
// =================================================================================================

#define TAMAR__LOG_ITEMS(X)                                                                                          \
    X(CALL_SENT, TAMAR_LOG_DEBUG, "call_sent", "a call was queued")                                                  \
    X(CALL_RETRY, TAMAR_LOG_INFO, "call_retry",                                                                      \
      "an attempt failed; the call is tried again (number: ms until then)")                                          \
    X(CALL_FINISHED, TAMAR_LOG_INFO, "call_finished", "a call is over (number: ms since it was sent)")               \
    X(CALL_FAILED, TAMAR_LOG_WARNING, "call_failed", "a call ended with an error")                                   \
    X(CALL_WARNING, TAMAR_LOG_WARNING, "call_warning", "something was changed or left out")                          \
    X(CONNECTION_OPENED, TAMAR_LOG_DEBUG, "connection_opened", "a connection was made")                              \
    X(CONNECTION_STALE, TAMAR_LOG_DEBUG, "connection_stale", "a kept connection was dead; a fresh one is used")      \
    X(CONNECTION_CLOSED, TAMAR_LOG_DEBUG, "connection_closed", "a connection was closed")                            \
    X(NAMES_LIMITED, TAMAR_LOG_INFO, "names_limited",                                                                \
      "no helper thread for names: only numeric hosts and localhost")                                                \
    X(PUMP_REFUSED, TAMAR_LOG_ERROR, "pump_refused", "pump, chat and close may not be called inside on_event")

typedef enum tamar__log_item {
#define TAMAR__LOG_ENUM(id, level, name, text) TAMAR__LOG_##id,
    TAMAR__LOG_ITEMS(TAMAR__LOG_ENUM)
#undef TAMAR__LOG_ENUM
    TAMAR__LOG_COUNT
} tamar__log_item;

static void tamar__log_write(const tamar_log *log, tamar__log_item item, tamar_call call, const tamar_error *error,
                             int64_t number, tamar_str text)
{
    static const struct {
        tamar_log_level level;
        const char *name, *text;
    } items[TAMAR__LOG_COUNT] = {
#define TAMAR__LOG_ROW(id, level, name, text) { level, name, text },
        TAMAR__LOG_ITEMS(TAMAR__LOG_ROW)
#undef TAMAR__LOG_ROW
    };
    tamar_log_record r;
    if (!log->write || items[item].level > log->level) return;
    r.level = items[item].level;
    r.item = items[item].name;
    r.message = items[item].text;
    r.call = call;
    r.error = error;
    r.number = number;
    r.text = text;
    log->write(log->user_data, &r);
}

// Appends at most max bytes of foreign text: control bytes (but for line feed and tab) become spaces, bytes that are
// not UTF-8 become U+FFFD, and the secret, wherever it stands, becomes ***.
static void tamar__log_clean(tamar__str_buf *out, tamar_str text, size_t max, tamar_str secret)
{
    const char *p = text.ptr, *all, *end;
    if (!text.len) return;
    all = p + text.len;
    end = p + tamar__str_head(text, max).len;
    while (p < end) {
        size_t part, n;
        bool control;
        const char *run = p;
        if (secret.len)
            while (run < end && (unsigned char)(*run - ' ') < 0x7F - ' ' && *run != *secret.ptr) run++;
        else
            while (run < end && (unsigned char)(*run - ' ') < 0x7F - ' ') run++;
        if (run > p) {
            tamar__str_put(out, p, (size_t)(run - p));
            p = run;
            continue;
        }
        if (secret.len >= 4 && (size_t)(all - p) >= secret.len && *p == *secret.ptr &&
            !memcmp(p, secret.ptr, secret.len)) {
            tamar__str_put(out, "***", 3);
            p += secret.len;
            continue;
        }
        n = tamar__str_utf8(p, end, &part);
        control = ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t') || *p == 0x7F ||
                  (n == 2 && *p == (char)0xC2 && (unsigned char)p[1] < 0xA0);  // C1: a terminal obeys these too
        if (!n) tamar__str_puts(out, TAMAR__STR_REPLACEMENT);
        else if (control) tamar__str_putc(out, ' ');
        else tamar__str_put(out, p, n);
        p += n ? n : part;
    }
    if (p < all) tamar__str_put(out, "...", 3);
}

// =================================================================================================
// >>url  split, percent-encoding | uses: base str
// Only what a client of these services needs: http and https, a host, a port, a path with query. The host is
// normalised once, here (lower case, one trailing dot dropped); the same text then serves as Host, SNI, name to
// verify and pool key. User names in a URL, fragments, and bytes that could split a request are refused.
// =================================================================================================

typedef struct tamar__url {
    bool https, numeric6;
    char host[256];
    uint16_t port;
    tamar_str path;  // with query, a view into the input; may be empty
} tamar__url;

// NULL, or what is wrong with it.
static const char *tamar__url_split(tamar_str text, tamar__url *url)
{
    size_t i, n = 0;
    uint64_t port;
    memset(url, 0, sizeof *url);
    for (i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] >= 0x7F)
            return "base_url holds a space, a control byte or a byte that is not ASCII: percent-encode it, "
                   "write names as punycode";
    if (tamar__str_is_nocase(tamar__str_make(text.ptr, tamar__base_min(text.len, 8)), "https://"))
        url->https = true, i = 8;
    else if (tamar__str_is_nocase(tamar__str_make(text.ptr, tamar__base_min(text.len, 7)), "http://")) i = 7;
    else return "base_url must begin with https:// or http://";
    text.ptr += i;
    text.len -= i;
    if (text.len && text.ptr[0] == '[') {
        bool zone = false;
        for (i = 1; i < text.len && text.ptr[i] != ']'; i++) {
            char c = tamar__str_lower(text.ptr[i]);
            bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
            if (c == '%') zone = true;
            else if (!digit && !(zone && ((c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '~')))
                return "base_url: what stands in brackets is no IPv6 address";
            if (n + 1 >= sizeof url->host) return "base_url: the address in brackets is too long";
            url->host[n++] = tamar__str_lower(text.ptr[i]);
        }
        if (i == text.len || !n) return "base_url: the bracket of the IPv6 address is not closed";
        url->numeric6 = true;
        i++;
    }
    else {
        for (i = 0; i < text.len && text.ptr[i] != ':' && text.ptr[i] != '/' && text.ptr[i] != '?'; i++) {
            char c = tamar__str_lower(text.ptr[i]);
            bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
            if (c == '@') return "base_url must not hold a user name or password";
            if (!good) return "base_url: the host holds a character that no host name has";
            if (c == '.' && (n == 0 || url->host[n - 1] == '.')) return "base_url: the host has an empty label";
            if (n + 1 >= sizeof url->host) return "base_url: the host is too long";
            url->host[n++] = c;
        }
        if (n && url->host[n - 1] == '.') n--;
        if (!n) return "base_url has no host";
    }
    url->host[n] = 0;
    text.ptr += i;
    text.len -= i;
    url->port = url->https ? 443 : 80;
    if (text.len && text.ptr[0] == ':') {
        for (i = 1; i < text.len && text.ptr[i] != '/' && text.ptr[i] != '?'; i++) {}
        if (i > 1) {
            if (!tamar__str_uint(tamar__str_make(text.ptr + 1, i - 1), &port) || port < 1 || port > 65535)
                return tamar__str_find(tamar__str_make(text.ptr, text.len), "@", false) < text.len
                           ? "base_url must not hold a user name or password"
                           : "base_url: the port must be a number from 1 to 65535";
            url->port = (uint16_t)port;
        }
        text.ptr += i;
        text.len -= i;
    }
    if (text.len && text.ptr[0] != '/' && text.ptr[0] != '?') return "base_url: a path must follow the host";
    if (tamar__str_at(text, '#') < text.len) return "base_url must not hold a fragment (#)";
    url->path = text;
    return NULL;
}

// The last URL that was taken apart: a program talks to few places.
typedef struct tamar__url_memo {
    char text[160];
    size_t len;
    tamar__url url;
    signed char loopback;  // 1 yes, -1 no, 0 nobody asked yet
} tamar__url_memo;

// The same as split; memo may be NULL.
static const char *tamar__url_recall(tamar__url_memo *memo, tamar_str text, tamar__url *url)
{
    const char *bad;
    if (memo && memo->len && memo->len == text.len && !memcmp(memo->text, text.ptr, text.len)) {
        *url = memo->url;
        url->path.ptr = text.ptr + text.len - url->path.len;
        return NULL;
    }
    bad = tamar__url_split(text, url);
    if (!bad && memo && text.len <= sizeof memo->text) {
        memcpy(memo->text, text.ptr, text.len);
        memo->len = text.len;
        memo->url = *url;
        memo->loopback = 0;
    }
    return bad;
}

// Appends one path segment; everything but RFC 3986's unreserved characters is percent-encoded.
static void tamar__url_segment(tamar__str_buf *out, tamar_str text)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t i;
    for (i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                     c == '_' || c == '~' || c == '.';
        if (plain) tamar__str_putc(out, (char)c);
        else {
            char e[3];
            e[0] = '%';
            e[1] = hex[c >> 4];
            e[2] = hex[c & 15];
            tamar__str_put(out, e, 3);
        }
    }
}

// =================================================================================================
// >>sse  event stream: bytes in, events out; NDJSON | uses: base arena str
// The WHATWG event stream, as a pull parser over blocks: input() lends it a block, next() takes one event after the
// other out of it until there is none. An event with one data line that lies whole in the block is a view into the
// block; anything else is gathered in two small buffers (finished data lines; the line that is not finished yet), so
// every byte is looked at once and copied at most twice, whatever the pieces. Lines end in LF, CR or CRLF.
// Where a carriage return stands is looked up once a block, not once a line.
//
// lenient takes an unknown field `error` for data of an event named error (llama.cpp, llama-box).
// lines is NDJSON: each line that is not blank is an event.
// =================================================================================================

typedef struct tamar__sse {
    const char *at, *end, *cr;  // the block; the next CR in it, or end
    const char *view;  // the event's only data line, while it lies in the block
    size_t view_len;
    tamar__str_buf line, data, event, id;
    size_t max;
    uint64_t retry;
    uint32_t comments, events;
    uint8_t bom;  // bytes of a byte order mark seen; 3: past it
    bool has_data, has_retry, skip_lf, lenient, lines, named;
} tamar__sse;

static void tamar__sse_init(tamar__sse *s, tamar__arena *arena, size_t max, bool lenient, bool lines)
{
    memset(s, 0, sizeof *s);
    s->max = max;
    s->lenient = lenient;
    s->lines = lines;
    tamar__str_init(&s->line, arena, max < SIZE_MAX / 2 ? max + 64 : max);  // the field's name does not count
    tamar__str_init(&s->data, arena, max);
    tamar__str_init(&s->event, arena, 4096);
    tamar__str_init(&s->id, arena, 4096);
}

// Memory or a maximum ran out; nothing more will come.
static bool tamar__sse_failed(const tamar__sse *s)
{
    return s->line.full || s->data.full || s->event.full || s->id.full;
}

static bool tamar__sse_over(const tamar__sse *s)
{
    return s->line.over || s->data.over || s->event.over || s->id.over;
}

static void tamar__sse_input(tamar__sse *s, const char *ptr, size_t len)
{
    s->at = ptr;
    s->end = len ? ptr + len : ptr;
    s->cr = len ? (const char *)memchr(ptr, '\r', len) : NULL;
    if (!s->cr) s->cr = s->end;
    if (s->bom < 3 && len) {  // RFC: one leading U+FEFF is dropped; it may come in pieces
        static const char mark[] = "\xEF\xBB\xBF";
        while (s->bom < 3 && s->at < s->end && *s->at == mark[s->bom]) s->at++, s->bom++;
        if (s->bom < 3 && s->at < s->end) {
            tamar__str_put(&s->line, mark, s->bom);
            s->bom = 3;
        }
    }
}

static void tamar__sse_add_data(tamar__sse *s, const char *value, size_t len, bool in_block)
{
    if (!s->has_data) {
        s->has_data = true;
        s->data.len = 0;
        s->view = NULL;
        if (len > s->max) {
            s->data.full = s->data.over = true;
            return;
        }
        if (in_block) {
            s->view = value;
            s->view_len = len;
            return;
        }
    }
    else {
        if (s->view) tamar__str_put(&s->data, s->view, s->view_len);
        s->view = NULL;
        tamar__str_putc(&s->data, '\n');
    }
    tamar__str_put(&s->data, value, len);
}

// One whole line. True: it ended an event.
static bool tamar__sse_line(tamar__sse *s, const char *p, size_t len, bool in_block)
{
    size_t name;
    const char *value, *colon;
    if (s->lines) {
        size_t i;
        for (i = 0; i < len && (p[i] == ' ' || p[i] == '\t'); i++) {}
        if (i == len) return false;
        tamar__sse_add_data(s, p, len, in_block);
        return true;
    }
    if (len == 0) {
        if (s->has_data) return true;
        s->event.len = 0;
        s->named = false;
        return false;
    }
    if (len > 5 && !memcmp(p, "data:", 5)) {
        p += 5, len -= 5;
        if (*p == ' ') p++, len--;
        tamar__sse_add_data(s, p, len, in_block);
        return false;
    }
    if (*p == ':') {
        s->comments++;
        return false;
    }
    colon = (const char *)memchr(p, ':', len);
    name = colon ? (size_t)(colon - p) : len;
    value = p + name + (colon ? 1 : 0);
    len -= (size_t)(value - p);
    if (len && *value == ' ') value++, len--;
    if (name == 4 && !memcmp(p, "data", 4)) tamar__sse_add_data(s, value, len, in_block);
    else if (name == 5 && !memcmp(p, "event", 5)) {
        s->event.len = 0;
        s->named = true;
        tamar__str_put(&s->event, value, len);
    }
    else if (name == 2 && !memcmp(p, "id", 2)) {
        if (len && memchr(value, 0, len)) return false;
        s->id.len = 0;
        tamar__str_put(&s->id, value, len);
    }
    else if (name == 5 && !memcmp(p, "retry", 5)) {
        uint64_t ms;
        if (tamar__str_uint(tamar__str_make(value, len), &ms)) s->retry = ms, s->has_retry = true;
    }
    else if (s->lenient && name == 5 && !memcmp(p, "error", 5)) {
        s->event.len = 0;
        s->named = true;
        tamar__str_puts(&s->event, "error");
        tamar__sse_add_data(s, value, len, in_block);
    }
    return false;
}

static void tamar__sse_take(tamar__sse *s, tamar_str *data, tamar_str *event)
{
    *data = s->view ? tamar__str_make(s->view, s->view_len) : tamar__str_view(&s->data);
    *event = s->named ? tamar__str_view(&s->event) : tamar__str_make("", 0);
    s->events++;
    s->has_data = false;
    s->named = false;
    s->view = NULL;
}

// The next event of the block. False: the block is used up (its rest is kept) or the parser failed.
static bool tamar__sse_next(tamar__sse *s, tamar_str *data, tamar_str *event)
{
    while (s->at < s->end && !tamar__sse_failed(s)) {
        const char *p = s->at, *eol;
        bool done;
        if (s->skip_lf) {
            s->skip_lf = false;
            if (*p == '\n') {
                s->at++;
                continue;
            }
        }
        eol = (const char *)memchr(p, '\n', (size_t)(s->cr - p));
        if (!eol && s->cr < s->end) {
            eol = s->cr;
            s->cr = (const char *)memchr(eol + 1, '\r', (size_t)(s->end - eol - 1));
            if (!s->cr) s->cr = s->end;
            s->skip_lf = true;
        }
        if (!eol) eol = s->end;
        if (eol == s->end) {
            tamar__str_put(&s->line, p, (size_t)(eol - p));
            s->at = s->end;
            break;
        }
        s->at = eol + 1;
        if (s->line.len) {
            done = tamar__str_put(&s->line, p, (size_t)(eol - p)) &&
                   tamar__sse_line(s, s->line.ptr, s->line.len, false);
            s->line.len = 0;
        }
        else if ((size_t)(eol - p) > s->line.max) {  // it might have come in pieces
            s->line.full = s->line.over = true;
            break;
        }
        else done = tamar__sse_line(s, p, (size_t)(eol - p), true);
        if (!done || tamar__sse_failed(s)) continue;
        tamar__sse_take(s, data, event);
        return true;
    }
    if (s->view) {  // the block goes away, the event is not finished
        tamar__str_put(&s->data, s->view, s->view_len);
        s->view = NULL;
    }
    return false;
}

// At the end of the stream: what the standard throws away because no blank line came.
static bool tamar__sse_pending(tamar__sse *s, tamar_str *data, tamar_str *event)
{
    if (s->line.len && !tamar__sse_failed(s)) {
        tamar__sse_line(s, s->line.ptr, s->line.len, false);
        s->line.len = 0;
    }
    if (!s->has_data || tamar__sse_failed(s)) return false;
    tamar__sse_take(s, data, event);
    return true;
}

// Between two events, with nothing begun: then what stands at s->at is the first byte of a line that begins one.
TAMAR__BASE_INLINE bool tamar__sse_fresh(const tamar__sse *s)
{
    return !s->has_data && !s->named && !s->line.len && !s->skip_lf && s->bom == 3 && s->cr == s->end;
}

// =================================================================================================
// >>http1  request head, response parser, chunked; no I/O | uses: base arena str
// RFC 9112 as a client needs it, as a pull parser: next() gives the head, then pieces of body, then the end, and
// asks for more input in between. A head that lies whole in the input is read where it is; otherwise it is gathered.
// Interim answers (1xx, at most 8) are skipped. Transfer-Encoding beats Content-Length, and then the connection is
// not used again. Whatever makes the length of a message doubtful (two lengths, a sign, a coding we do not know, a
// bare CR, a NUL, a fold) is an error: a doubtful border is how one answer is taken for another's.
// =================================================================================================

typedef enum tamar__http1_result {
    TAMAR__HTTP1_MORE,
    TAMAR__HTTP1_HEAD,  // status is set; headers are to be read with tamar__http1_header before the next call
    TAMAR__HTTP1_BODY,
    TAMAR__HTTP1_END,
    TAMAR__HTTP1_BAD  // fault says why
} tamar__http1_result;

typedef enum tamar__http1_state {
    TAMAR__HTTP1_IN_HEAD,
    TAMAR__HTTP1_IN_LENGTH,
    TAMAR__HTTP1_IN_SIZE,  // a chunk's size line
    TAMAR__HTTP1_IN_EXTENSION,
    TAMAR__HTTP1_IN_SIZE_LF,
    TAMAR__HTTP1_IN_CHUNK,
    TAMAR__HTTP1_IN_CHUNK_CR,
    TAMAR__HTTP1_IN_CHUNK_LF,
    TAMAR__HTTP1_IN_TRAILER,
    TAMAR__HTTP1_IN_CLOSE,  // until the connection ends
    TAMAR__HTTP1_IN_END,
    TAMAR__HTTP1_IN_BAD
} tamar__http1_state;

typedef struct tamar__http1 {
    tamar__http1_state state;
    int status, minor;
    bool keep_alive, chunked, has_length, head_only, proxy_connect;
    uint8_t interim, digits;
    uint32_t extra;  // bytes of chunk extensions and trailers so far
    uint64_t left;  // of the body or the chunk
    tamar__str_buf head;
    tamar_str reason;
    const char *line, *head_end;  // headers still to be read
    const char *fault;
    bool limit;  // the fault is a cap
    bool starved;  // the fault is that memory is out
    bool checked;  // the head's headers were read once and are well formed
} tamar__http1;

static void tamar__http1_init(tamar__http1 *h, tamar__arena *arena, size_t max_header, bool head_only)
{
    memset(h, 0, sizeof *h);
    tamar__str_init(&h->head, arena, max_header);
    h->head_only = head_only;
}

static tamar__http1_result tamar__http1_bad(tamar__http1 *h, const char *fault)
{
    h->state = TAMAR__HTTP1_IN_BAD;
    h->fault = fault;
    return TAMAR__HTTP1_BAD;
}

static tamar__http1_result tamar__http1_starved(tamar__http1 *h)
{
    h->starved = true;
    return tamar__http1_bad(h, tamar__base_no_memory());
}

static tamar__http1_result tamar__http1_long(tamar__http1 *h, const char *fault)  // a cap, not a mistake
{
    h->limit = true;
    return tamar__http1_bad(h, fault);
}

// RFC 9110 5.6.2
static bool tamar__http1_is_token(char c)
{
    static const bool token[256] = {
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0,
        0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0,
    };
    return token[(unsigned char)c];
}

// Is there a control byte in it, tab aside? Eight bytes a step; only a step that may hold one is looked at closely.
static bool tamar__http1_control(tamar_str s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    size_t i = 0, stop;
    uint64_t w;
    while (i < s.len) {
        stop = s.len;
        if (s.len - i >= 8) {
            memcpy(&w, s.ptr + i, 8);
            // Adding 0x60 to its seven low bits carries into the top bit of a byte that is 0x20 or more; adding 1
            // does so only for 0x7F.
            if (!(((~(((w & ~tops) + 0x60 * ones) | w)) | (((w & ~tops) + ones) & ~w)) & tops)) {
                i += 8;
                continue;
            }
            stop = i + 8;
        }
        for (; i < stop; i++)
            if (((unsigned char)s.ptr[i] < 0x20 && s.ptr[i] != '\t') || s.ptr[i] == 0x7F) return true;
    }
    return false;
}

// The next line of the head without its end; NULL text: none left, or a bare CR (then fault is set).
static tamar_str tamar__http1_line(tamar__http1 *h)
{
    const char *p = h->line, *eol;
    if (p >= h->head_end) return tamar__str_make(NULL, 0);
    eol = (const char *)memchr(p, '\n', (size_t)(h->head_end - p));
    if (!eol) eol = h->head_end;
    h->line = eol < h->head_end ? eol + 1 : eol;
    if (eol > p && eol[-1] == '\r') eol--;
    return tamar__str_make(p, (size_t)(eol - p));
}

// Headers of the head that was just announced, in their order. False: no more, or a malformed one (then fault is set).
static bool tamar__http1_header(tamar__http1 *h, tamar_str *name, tamar_str *value)
{
    tamar_str s = tamar__http1_line(h);
    const char *end;
    size_t n = 0;
    if (!s.ptr || !s.len) return false;
    if (h->checked) {
        const char *colon = (const char *)memchr(s.ptr, ':', s.len);
        n = colon ? (size_t)(colon - s.ptr) : s.len;
    }
    else
        while (n < s.len && tamar__http1_is_token(s.ptr[n])) n++;
    if (n == 0 || n == s.len || s.ptr[n] != ':') {
        h->fault =
            s.ptr[0] == ' ' || s.ptr[0] == '\t' ? "a header is folded over two lines" : "a header line is malformed";
        return false;
    }
    *name = tamar__str_make(s.ptr, n);
    end = s.ptr + s.len;
    s.ptr += n + 1;
    while (s.ptr < end && (*s.ptr == ' ' || *s.ptr == '\t')) s.ptr++;
    while (s.ptr < end && (end[-1] == ' ' || end[-1] == '\t')) end--;
    s.len = (size_t)(end - s.ptr);
    if (!h->checked && tamar__http1_control(s)) {
        h->fault = "a header value holds a control byte";
        return false;
    }
    *value = s;
    return true;
}

// Does a comma-separated list hold this word?
static bool tamar__http1_lists(tamar_str list, const char *word)
{
    while (list.len) {
        const char *comma = (const char *)memchr(list.ptr, ',', list.len);
        size_t n = comma ? (size_t)(comma - list.ptr) : list.len;
        if (tamar__str_is_nocase(tamar__str_trim(tamar__str_make(list.ptr, n)), word)) return true;
        n += comma ? 1 : 0;
        list.ptr += n;
        list.len -= n;
    }
    return false;
}

static const char *tamar__http1_status_line(tamar__http1 *h)
{
    tamar_str s = tamar__http1_line(h);
    size_t i;
    if (!s.ptr || s.len < 12 || memcmp(s.ptr, "HTTP/", 5)) {
        static const char preface[] = "\0\0";
        if (s.len >= 3 && !memcmp(s.ptr, preface, 2))
            return "this port speaks HTTP/2 without TLS (gRPC?), not HTTP/1.1";
        return "what came is not HTTP";
    }
    if (s.ptr[5] != '1' || s.ptr[6] != '.' || (s.ptr[7] != '0' && s.ptr[7] != '1'))
        return "the answer's HTTP version is not 1.0 or 1.1";
    h->minor = s.ptr[7] - '0';
    if (s.ptr[8] != ' ') return "the status line is malformed";
    h->status = 0;
    for (i = 9; i < 12; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') return "the status is not a number";
        h->status = h->status * 10 + (s.ptr[i] - '0');
    }
    if (s.len > 12 && s.ptr[12] != ' ') return "the status is not three digits";
    if (h->status < 100 || h->status > 999) return "the status is out of range";
    h->reason = s.len > 13 ? tamar__str_make(s.ptr + 13, s.len - 13) : tamar__str_make("", 0);
    for (i = 0; i < h->reason.len; i++)
        if (((unsigned char)h->reason.ptr[i] < 0x20 && h->reason.ptr[i] != '\t') || h->reason.ptr[i] == 0x7F)
            return "the status line holds a control byte";
    return NULL;
}

// Reads the head once for what decides the framing; leaves the line cursor on the first header.
static const char *tamar__http1_framing(tamar__http1 *h)
{
    tamar_str name, value;
    const char *fault = tamar__http1_status_line(h), *first;
    bool said_close = false, said_keep = false, coded = false, close;
    uint64_t length;
    if (fault) return fault;
    first = h->line;
    h->checked = false;
    h->chunked = h->has_length = false;
    h->left = 0;
    h->fault = NULL;
    while (tamar__http1_header(h, &name, &value)) {
        if (name.len == 14 && tamar__str_is_nocase(name, "content-length")) {
            tamar_str rest = value;
            do {  // "5, 5" is what a proxy makes of two equal headers
                const char *comma = (const char *)memchr(rest.ptr, ',', rest.len);
                size_t n = comma ? (size_t)(comma - rest.ptr) : rest.len;
                if (!tamar__str_uint(tamar__str_trim(tamar__str_make(rest.ptr, n)), &length))
                    return "Content-Length is not a number";
                if (h->has_length && length != h->left) return "two Content-Lengths disagree";
                h->has_length = true;
                h->left = length;
                rest.ptr += n + (comma ? 1 : 0);
                rest.len -= n + (comma ? 1 : 0);
                if (comma && !rest.len) return "Content-Length is not a number";
            } while (rest.len);
        }
        else if (name.len == 17 && tamar__str_is_nocase(name, "transfer-encoding")) {
            if (coded || !tamar__str_is_nocase(tamar__str_trim(value), "chunked"))
                return "the answer has a Transfer-Encoding other than chunked, which was not asked for";
            coded = h->chunked = true;
        }
        else if (name.len == 10 && tamar__str_is_nocase(name, "connection")) {
            if (tamar__http1_lists(value, "close")) said_close = true;
            if (tamar__http1_lists(value, "keep-alive")) said_keep = true;
        }
    }
    if (h->fault) return h->fault;
    if (h->chunked && h->minor == 0) return "an HTTP/1.0 answer is chunked";
    close = said_close || (h->minor == 0 && !said_keep);  // close wins wherever it stands
    if (h->chunked && h->has_length) {
        close = true;
        h->has_length = false;
        h->left = 0;
    }
    h->keep_alive = !close;
    h->checked = true;
    h->line = first;
    return NULL;
}

// Where the head ends: just behind the empty line; NULL: not yet. from is where the last search stopped.
static const char *tamar__http1_head_end(const char *begin, const char *end, const char *from)
{
    const char *p = from > begin + 3 ? from - 3 : begin;
    while (p < end) {
        p = (const char *)memchr(p, '\n', (size_t)(end - p));
        if (!p) return NULL;
        if (p + 1 < end && p[1] == '\n') return p + 2;
        if (p + 2 < end && p[1] == '\r' && p[2] == '\n') return p + 3;
        p++;
    }
    return NULL;
}

static tamar__http1_result tamar__http1_read_head(tamar__http1 *h, const char **at, const char *end)
{
    const char *stop, *fault;
    for (;;) {
        // RFC 9112 2.2: be kind to one
        if (!h->head.len && *at < end && !h->interim && (**at == '\r' || **at == '\n')) {
            (*at)++;
            continue;
        }
        if (*at == end && !h->head.len) return TAMAR__HTTP1_MORE;
        if (!h->head.len) {
            stop = tamar__http1_head_end(*at, end, *at);
            h->line = *at;
            if (stop) *at = stop;
        }
        else {
            size_t had = h->head.len, n = (size_t)(end - *at);
            if (n > h->head.max - had) n = h->head.max - had;
            if (!tamar__str_put(&h->head, *at, n)) return tamar__http1_starved(h);
            stop = tamar__http1_head_end(h->head.ptr, h->head.ptr + h->head.len, h->head.ptr + had);
            h->line = h->head.ptr;
            if (stop) *at += (size_t)(stop - h->head.ptr) - had;
        }
        if (!stop) {
            size_t n = (size_t)(end - *at), len = h->head.len ? h->head.len : n;
            const char *begin = h->head.len ? h->head.ptr : *at;
            if (len >= 5 && memcmp(begin, "HTTP/", 5)) {
                h->head_end = begin + len;
                fault = tamar__http1_status_line(h);
                return tamar__http1_bad(h, fault ? fault : "what came is not HTTP");
            }
            if (len >= h->head.max) {
                return tamar__http1_long(h, "the answer's head is larger than desc.max_header");
            }
            if (!h->head.len && !tamar__str_put(&h->head, *at, n)) return tamar__http1_starved(h);
            *at = end;
            return TAMAR__HTTP1_MORE;
        }
        if ((size_t)(stop - h->line) > h->head.max && !memcmp(h->line, "HTTP/", 5))
            return tamar__http1_long(h, "the answer's head is larger than desc.max_header");
        h->head_end = stop;
        fault = tamar__http1_framing(h);
        if (fault) return tamar__http1_bad(h, fault);
        if (h->status >= 200 || h->status == 101) break;
        h->head.len = 0;
        if (++h->interim > 8) return tamar__http1_bad(h, "too many interim (1xx) answers");
    }
    if (h->status == 101) return tamar__http1_bad(h, "the server switched to another protocol");
    if (h->head_only || h->status == 204 || h->status == 304 || (h->proxy_connect && h->status < 300))
        h->state = TAMAR__HTTP1_IN_END;
    else if (h->chunked) h->state = TAMAR__HTTP1_IN_SIZE;
    else if (h->has_length) h->state = h->left ? TAMAR__HTTP1_IN_LENGTH : TAMAR__HTTP1_IN_END;
    else {
        h->state = TAMAR__HTTP1_IN_CLOSE;
        h->keep_alive = false;
    }
    return TAMAR__HTTP1_HEAD;
}

static int tamar__http1_hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Takes from [*at, end) and moves *at. BODY: *body is a view into the input.
static tamar__http1_result tamar__http1_next(tamar__http1 *h, const char **at, const char *end, tamar_str *body)
{
    size_t n;
    int digit;
    for (;;) {
        const char *p = *at;
        if (h->state == TAMAR__HTTP1_IN_HEAD) return tamar__http1_read_head(h, at, end);
        if (h->state == TAMAR__HTTP1_IN_END) return TAMAR__HTTP1_END;
        if (h->state == TAMAR__HTTP1_IN_BAD) return TAMAR__HTTP1_BAD;
        if (p == end) return TAMAR__HTTP1_MORE;
        switch (h->state) {
        case TAMAR__HTTP1_IN_LENGTH:
        case TAMAR__HTTP1_IN_CHUNK:
            n = (size_t)(end - p);
            if (n >= h->left) {
                n = (size_t)h->left;
                h->state = h->state == TAMAR__HTTP1_IN_CHUNK ? TAMAR__HTTP1_IN_CHUNK_CR : TAMAR__HTTP1_IN_END;
            }
            h->left -= n;
            *at = p + n;
            *body = tamar__str_make(p, n);
            return TAMAR__HTTP1_BODY;
        case TAMAR__HTTP1_IN_CLOSE:
            *at = end;
            *body = tamar__str_make(p, (size_t)(end - p));
            return TAMAR__HTTP1_BODY;
        case TAMAR__HTTP1_IN_CHUNK_CR:
            if (*p != '\r') return tamar__http1_bad(h, "a chunk does not end where its size says");
            h->state = TAMAR__HTTP1_IN_CHUNK_LF;
            if (++p == end) break;  // fall through
            // fallthrough
        case TAMAR__HTTP1_IN_CHUNK_LF:
            if (*p != '\n') return tamar__http1_bad(h, "a chunk does not end where its size says");
            p++;
            h->state = TAMAR__HTTP1_IN_SIZE;
            if (p == end) break;
            // fallthrough
        case TAMAR__HTTP1_IN_SIZE:
            while (p < end && (digit = tamar__http1_hex(*p)) >= 0) {
                if (h->left >> 59) return tamar__http1_bad(h, "a chunk's size is out of range");
                if (++h->digits > 32) return tamar__http1_bad(h, "a chunk's size is malformed");
                h->left = h->left << 4 | (uint64_t)digit;
                p++;
            }
            if (p == end) break;
            if (!h->digits) return tamar__http1_bad(h, "a chunk's size is malformed");
            if (*p != '\r') {
                if (*p != ';' && *p != ' ' && *p != '\t') return tamar__http1_bad(h, "a chunk's size is malformed");
                h->state = TAMAR__HTTP1_IN_EXTENSION;
                break;
            }
            p++;
            h->state = TAMAR__HTTP1_IN_SIZE_LF;
            if (p == end) break;
            // fallthrough
        case TAMAR__HTTP1_IN_SIZE_LF:
            if (*p != '\n') return tamar__http1_bad(h, "a chunk's size line is malformed");
            p++;
            h->digits = 0;
            h->extra = 0;
            h->state = h->left ? TAMAR__HTTP1_IN_CHUNK : TAMAR__HTTP1_IN_TRAILER;
            h->head.len = 0;
            break;
        case TAMAR__HTTP1_IN_EXTENSION:
            while (p < end && *p != '\r') {
                if ((unsigned char)*p < 0x20 && *p != '\t')
                    return tamar__http1_bad(h, "a chunk extension holds a control byte");
                if (++h->extra > 16384) return tamar__http1_long(h, "chunk extensions are too long");
                p++;
            }
            if (p == end) break;
            p++;
            h->state = TAMAR__HTTP1_IN_SIZE_LF;
            break;
        case TAMAR__HTTP1_IN_TRAILER: {  // lines until an empty one; read as headers, then dropped
            const char *eol = (const char *)memchr(p, '\n', (size_t)(end - p));
            tamar_str name, value;
            n = (size_t)((eol ? eol + 1 : end) - p);
            if ((h->extra += (uint32_t)tamar__base_min(n, 65536)) > 16384)
                return tamar__http1_long(h, "the trailer is too long");
            if (!tamar__str_put(&h->head, p, n))
                return h->head.over ? tamar__http1_long(h, "the trailer is too long") : tamar__http1_starved(h);
            p += n;
            if (!eol) break;
            h->line = h->head.ptr;
            h->head_end = h->head.ptr + h->head.len;
            h->fault = NULL;
            h->checked = false;
            if (h->head.len == 1 || (h->head.len == 2 && h->head.ptr[0] == '\r')) h->state = TAMAR__HTTP1_IN_END;
            else if (!tamar__http1_header(h, &name, &value))
                return tamar__http1_bad(h, h->fault ? h->fault : "the trailer is malformed");
            h->head.len = 0;
            break;
        }
        default: break;
        }
        *at = p;
    }
}

// The connection ended. True: that is how this message ends.
static bool tamar__http1_eof(const tamar__http1 *h)
{
    return h->state == TAMAR__HTTP1_IN_END || h->state == TAMAR__HTTP1_IN_CLOSE;
}

// =================================================================================================
// >>hash  SHA-256, HMAC, JWT HS256 | uses: base str
// What minting a token and signing a request need: SHA-256 (FIPS 180-4), HMAC (RFC 2104), and the compact form of a
// JSON Web Signature (RFC 7515) with HS256. Nothing here compares secrets, so nothing has to run in constant time.
// Header and claims of a token come as JSON text, since their order is part of what vendors document.
// =================================================================================================

#define TAMAR__HASH_SIZE 32

typedef struct tamar__hash {
    uint32_t state[8];
    uint64_t len;
    unsigned char block[64];  // what does not fill a block yet
} tamar__hash;

static void tamar__hash_begin(tamar__hash *h)
{
    static const uint32_t first[8] = { 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                       0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19 };
    memcpy(h->state, first, sizeof first);
    h->len = 0;
}

// x turned right by n bits, 0 < n < 32.
TAMAR__BASE_INLINE uint32_t tamar__hash_turn(uint32_t x, int n)
{
    uint64_t twice = (uint64_t)x << 32 | x;
    return (uint32_t)(twice >> n & 0xFFFFFFFF);
}

// Sums are meant to wrap at 32 bits; they are made in 64 and cut.
static void tamar__hash_block(uint32_t *state, const unsigned char *p)
{
    static const uint32_t k[64] = {
        0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
        0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
        0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
        0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
        0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
        0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
        0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
        0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2
    };
    uint32_t w[64], s[8];
    int i;
    for (i = 0; i < 16; i++, p += 4)
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    for (; i < 64; i++) {
        uint32_t a = w[i - 15], b = w[i - 2];
        uint64_t sum = (uint64_t)w[i - 16] + w[i - 7];
        sum += tamar__hash_turn(a, 7) ^ tamar__hash_turn(a, 18) ^ a >> 3;
        sum += tamar__hash_turn(b, 17) ^ tamar__hash_turn(b, 19) ^ b >> 10;
        w[i] = (uint32_t)(sum & 0xFFFFFFFF);
    }
    memcpy(s, state, sizeof s);
    for (i = 0; i < 64; i++) {
        uint32_t a = s[0], e = s[4];
        uint64_t one = (uint64_t)s[7] + k[i] + w[i], two;
        one += tamar__hash_turn(e, 6) ^ tamar__hash_turn(e, 11) ^ tamar__hash_turn(e, 25);
        one += (e & s[5]) ^ (~e & s[6]);
        two = (uint64_t)(tamar__hash_turn(a, 2) ^ tamar__hash_turn(a, 13) ^ tamar__hash_turn(a, 22));
        two += (a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]);
        memmove(s + 1, s, 7 * sizeof *s);
        s[4] = (uint32_t)((s[4] + one) & 0xFFFFFFFF);
        s[0] = (uint32_t)((one + two) & 0xFFFFFFFF);
    }
    for (i = 0; i < 8; i++) state[i] = (uint32_t)(((uint64_t)state[i] + s[i]) & 0xFFFFFFFF);
}

static void tamar__hash_add(tamar__hash *h, const void *data, size_t len)
{
    const unsigned char *p = (const unsigned char *)data;
    size_t held = (size_t)(h->len & 63), n;
    if (!len) return;
    h->len += len;
    if (held) {
        n = tamar__base_min(len, 64 - held);
        memcpy(h->block + held, p, n);
        if (held + n < 64) return;
        tamar__hash_block(h->state, h->block);
        p += n;
        len -= n;
    }
    for (; len >= 64; p += 64, len -= 64) tamar__hash_block(h->state, p);
    if (len) memcpy(h->block, p, len);
}

// Leaves nothing of the input behind.
static void tamar__hash_end(tamar__hash *h, unsigned char out[TAMAR__HASH_SIZE])
{
    static const unsigned char pad[64] = { 0x80 };
    unsigned char bits[8];
    uint64_t len = h->len;
    size_t held = (size_t)(len & 63);
    int i;
    for (i = 0; i < 7; i++) bits[i] = (unsigned char)(len >> (53 - 8 * i) & 0xFF);  // len * 8, big endian
    bits[7] = (unsigned char)((len & 31) << 3);
    tamar__hash_add(h, pad, held < 56 ? 56 - held : 120 - held);
    tamar__hash_add(h, bits, sizeof bits);
    for (i = 0; i < TAMAR__HASH_SIZE; i++) out[i] = (unsigned char)(h->state[i / 4] >> (24 - 8 * (i & 3)) & 0xFF);
    tamar__base_wipe(h, sizeof *h);
}

static void tamar__hash_sha256(tamar_str text, unsigned char out[TAMAR__HASH_SIZE])
{
    tamar__hash h;
    tamar__hash_begin(&h);
    tamar__hash_add(&h, text.ptr, text.len);
    tamar__hash_end(&h, out);
}

// out may be where the key is.
static void tamar__hash_hmac(tamar_str key, tamar_str text, unsigned char out[TAMAR__HASH_SIZE])
{
    unsigned char pad[64];
    tamar__hash h;
    size_t i;
    memset(pad, 0, sizeof pad);
    if (key.len > sizeof pad) tamar__hash_sha256(key, pad);
    else if (key.len) memcpy(pad, key.ptr, key.len);
    for (i = 0; i < sizeof pad; i++) pad[i] ^= 0x36;
    tamar__hash_begin(&h);
    tamar__hash_add(&h, pad, sizeof pad);
    tamar__hash_add(&h, text.ptr, text.len);
    tamar__hash_end(&h, out);
    for (i = 0; i < sizeof pad; i++) pad[i] ^= 0x36 ^ 0x5C;
    tamar__hash_begin(&h);
    tamar__hash_add(&h, pad, sizeof pad);
    tamar__hash_add(&h, out, TAMAR__HASH_SIZE);
    tamar__hash_end(&h, out);
    tamar__base_wipe(pad, sizeof pad);
}

TAMAR__BASE_UNUSED static bool tamar__hash_hex(tamar__str_buf *out, const unsigned char digest[TAMAR__HASH_SIZE])
{
    static const char hex[] = "0123456789abcdef";
    char text[2 * TAMAR__HASH_SIZE];
    size_t i;
    for (i = 0; i < sizeof text; i++) text[i] = hex[digest[i / 2] >> (i & 1 ? 0 : 4) & 15];
    return tamar__str_put(out, text, sizeof text);
}

// Appends header.claims.signature. False: memory is out.
static bool tamar__hash_jwt(tamar__str_buf *out, tamar_str header, tamar_str claims, tamar_str secret)
{
    unsigned char digest[TAMAR__HASH_SIZE];
    size_t from = out->len;
    if (!tamar__str_base64(out, header.ptr, header.len, true) || !tamar__str_putc(out, '.') ||
        !tamar__str_base64(out, claims.ptr, claims.len, true))
        return false;
    tamar__hash_hmac(secret, tamar__str_make(out->ptr + from, out->len - from), digest);
    return tamar__str_putc(out, '.') && tamar__str_base64(out, digest, sizeof digest, true);
}

// Three runs of base64url with dots between: already a token, not the secret to make one.
static bool tamar__hash_is_jwt(tamar_str text)
{
    size_t i, dots = 0, run = 0;
    for (i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool good = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (c == '.' && run) dots++, run = 0;
        else if (good) run++;
        else return false;
    }
    return dots == 2 && run;
}

// =================================================================================================
// >>policy  what an error is and whether trying again helps | uses: base num str
// Pure decisions, on integers, with no memory: the classifier (a structured code beats the status; prose may
// only refine a refusal to "the prompt is too long"), the server's hint when to come back, the wait before the
// next attempt. Time and randomness are arguments.
// =================================================================================================

typedef struct tamar__policy_word {
    const char *word;  // contained in the vendor's code or type, ASCII case ignored
    tamar_category category;
} tamar__policy_word;

static tamar_category tamar__policy_by_word(tamar_str text)
{
    static const tamar__policy_word words[] = {
        { "insufficient_quota", TAMAR_BILLING },
        { "arrearage", TAMAR_BILLING },  // DashScope
        { "overdue", TAMAR_BILLING },  // Ark
        { "exceeded_current_quota", TAMAR_BILLING },  // Kimi
        { "quotaexceeded", TAMAR_QUOTA },  // Ark
        { "setlimitexceeded", TAMAR_QUOTA },  // Ark: a cap of the user's own
        { "throttling", TAMAR_RATE },  // DashScope
        { "limit_requests", TAMAR_RATE },  // DashScope
        { "ratelimit", TAMAR_RATE },  // Ark
        { "inflightbatchsize", TAMAR_RATE },  // Ark
        { "credit_balance", TAMAR_BILLING },
        { "spend_limit_exceeded", TAMAR_BILLING },
        { "spend_limit_reached", TAMAR_BILLING },
        { "organization_on_hold", TAMAR_PERMISSION },
        { "usage_limit_exceeded", TAMAR_BILLING },
        { "insufficient_balance", TAMAR_BILLING },
        { "insufficient_system_resource", TAMAR_OVERLOADED },
        { "billing", TAMAR_BILLING },
        { "context_length", TAMAR_CONTEXT },
        { "exceed_context_size", TAMAR_CONTEXT },
        { "rate_limit", TAMAR_RATE },
        { "too_many_requests", TAMAR_RATE },
        { "slow_down", TAMAR_RATE },
        { "overloaded", TAMAR_OVERLOADED },
        { "capacity_exceeded", TAMAR_OVERLOADED },
        { "unavailable", TAMAR_OVERLOADED },
        { "resource_exhausted", TAMAR_RATE },
        { "api_key_invalid", TAMAR_AUTH },
        { "unauthenticated", TAMAR_AUTH },
        { "incorrect_api_key", TAMAR_AUTH },  // Kimi: with _error behind it
        { "api_key_", TAMAR_PERMISSION },
        { "service_disabled", TAMAR_PERMISSION },
        { "invalid_argument", TAMAR_BAD_REQUEST },
        { "failed_precondition", TAMAR_BAD_REQUEST },
        { "deadline_exceeded", TAMAR_SERVER },
        { "tokens_too_long", TAMAR_CONTEXT },  // Qianfan
        { "characters_too_long", TAMAR_CONTEXT },  // Qianfan
        { "invalid_api_key", TAMAR_AUTH },
        { "invalidapikey", TAMAR_AUTH },
        { "accessdenied", TAMAR_PERMISSION },
        { "operationdenied", TAMAR_PERMISSION },
        { "authentication", TAMAR_AUTH },
        { "unauthorized", TAMAR_AUTH },
        { "permission", TAMAR_PERMISSION },
        { "unsupported_country", TAMAR_PERMISSION },
        { "model_not_found", TAMAR_MODEL_NOT_FOUND },
        { "deploymentnotfound", TAMAR_MODEL_NOT_FOUND },
        { "not_found_error", TAMAR_MODEL_NOT_FOUND },
        { "invalid_model", TAMAR_MODEL_NOT_FOUND },
        { "modelnotfound", TAMAR_MODEL_NOT_FOUND },
        { "endpointormodel", TAMAR_MODEL_NOT_FOUND },  // Ark
        { "content_filter", TAMAR_CONTENT_FILTER },
        { "sensitivecontent", TAMAR_CONTENT_FILTER },  // Ark
        { "inspection_failed", TAMAR_CONTENT_FILTER },  // DashScope, in both spellings
        { "inspectionfailed", TAMAR_CONTENT_FILTER },
        { "_unsafe", TAMAR_CONTENT_FILTER },  // Qianfan
        { "content_policy", TAMAR_CONTENT_FILTER },
        { "moderation_blocked", TAMAR_CONTENT_FILTER },
        { "bio_policy", TAMAR_CONTENT_FILTER },
        { "misalignment_policy", TAMAR_CONTENT_FILTER },
        { "invalid_prompt", TAMAR_BAD_REQUEST },
        { "data_residency", TAMAR_PERMISSION },
        { "invalid_image", TAMAR_BAD_REQUEST },
        { "base64_image", TAMAR_BAD_REQUEST },
        { "image_too_", TAMAR_BAD_REQUEST },
        { "image_parse", TAMAR_BAD_REQUEST },
        { "image_file", TAMAR_BAD_REQUEST },
        { "image_media_type", TAMAR_BAD_REQUEST },
        { "download_image", TAMAR_BAD_REQUEST },
        { "tool_use_failed", TAMAR_MODEL_OUTPUT },
        { "request_too_large", TAMAR_TOO_LARGE },
        { "invalid_request", TAMAR_BAD_REQUEST },
        { "invalidparameter", TAMAR_BAD_REQUEST },
        { "bad_request", TAMAR_BAD_REQUEST },
        { "badrequest", TAMAR_BAD_REQUEST },
        // DashScope's and Tencent's, which are written together
        { "arrear", TAMAR_BILLING },
        { "resourcepackexhausted", TAMAR_BILLING },
        { "datainspection", TAMAR_CONTENT_FILTER },
        { "data_inspection", TAMAR_CONTENT_FILTER },
        { "invalidapikey", TAMAR_AUTH },
        { "authfailure", TAMAR_AUTH },
        { "accessdenied", TAMAR_PERMISSION },
        { "servicestop", TAMAR_PERMISSION },
        { "servicenotactivated", TAMAR_PERMISSION },
        { "nonwhitelist", TAMAR_PERMISSION },
        { "modelnotfound", TAMAR_MODEL_NOT_FOUND },
        { "throttling", TAMAR_RATE },
        { "limitexceeded", TAMAR_RATE },
        { "engineserver", TAMAR_SERVER },
        { "invalidparameter", TAMAR_BAD_REQUEST },
        // what gRPC calls them
        { "resource_exhausted", TAMAR_RATE },
        { "unauthenticated", TAMAR_AUTH },
        { "invalid_argument", TAMAR_BAD_REQUEST },
        { "failed_precondition", TAMAR_BAD_REQUEST },
        { "already_exists", TAMAR_BAD_REQUEST },
        { "deadline_exceeded", TAMAR_SERVER },
        { "aborted", TAMAR_SERVER },
        { "timeout", TAMAR_SERVER },
        { "server_error", TAMAR_SERVER },
        { "internal", TAMAR_SERVER },
    };
    size_t i;
    for (i = 0; text.len && i < sizeof words / sizeof *words; i++)
        if (tamar__str_find(text, words[i].word, true) < text.len) return words[i].category;
    return TAMAR_OK;
}

// Numbers in the place of a code: Zhipu's four digits, SiliconFlow's five.
static tamar_category tamar__policy_by_number(tamar_str code)
{
    static const struct {
        int from, to;
        tamar_category category;
    } rows[] = {
        { 1000, 1004, TAMAR_AUTH },
        { 1110, 1121, TAMAR_BILLING },  // 1113: in arrears, under HTTP 429
        { 1211, 1211, TAMAR_MODEL_NOT_FOUND },
        { 1210, 1215, TAMAR_BAD_REQUEST },
        { 1230, 1231, TAMAR_BAD_REQUEST },
        { 1234, 1234, TAMAR_SERVER },
        { 1300, 1301, TAMAR_CONTENT_FILTER },
        { 1302, 1303, TAMAR_RATE },
        { 1305, 1305, TAMAR_OVERLOADED },
        { 1304, 1304, TAMAR_QUOTA },  // of a day; the others of hours, a week, a plan
        { 1308, 1311, TAMAR_QUOTA },
        { 1313, 1313, TAMAR_QUOTA },
        { 1316, 1321, TAMAR_QUOTA },
        { 20012, 20012, TAMAR_MODEL_NOT_FOUND },
        { 30001, 30001, TAMAR_BILLING },
        { 50505, 50505, TAMAR_OVERLOADED },
    };
    int n = 0;
    size_t i;
    if (code.len < 4 || code.len > 5) return TAMAR_OK;
    for (i = 0; i < code.len; i++) {
        if (code.ptr[i] < '0' || code.ptr[i] > '9') return TAMAR_OK;
        n = n * 10 + (code.ptr[i] - '0');
    }
    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        if (n >= rows[i].from && n <= rows[i].to) return rows[i].category;
    return TAMAR_OK;
}

// MiniMax's numbers, which mean other things than the same ones elsewhere: they come in a base_resp.
static tamar_category tamar__policy_by_base_resp(int64_t code)
{
    switch (code) {
    case 1002: case 1039: return TAMAR_RATE;
    case 1004: case 2049: return TAMAR_AUTH;
    case 1008: case 2056: case 2061: return TAMAR_BILLING;
    case 1026: case 1027: return TAMAR_CONTENT_FILTER;
    case 1042: case 2013: return TAMAR_BAD_REQUEST;
    default: return TAMAR_SERVER;
    }
}

static tamar_category tamar__policy_by_status(int status)
{
    switch (status) {
    case 401: return TAMAR_AUTH;
    case 402: return TAMAR_BILLING;
    case 403: return TAMAR_PERMISSION;
    case 404: return TAMAR_MODEL_NOT_FOUND;
    case 405: return TAMAR_CONFIG;
    case 407: return TAMAR_PROXY;
    case 408: case 409: case 425: return TAMAR_SERVER;
    case 413: return TAMAR_TOO_LARGE;
    case 429: return TAMAR_RATE;
    case 498: case 503: case 529: return TAMAR_OVERLOADED;
    default: break;
    }
    if (status >= 500) return TAMAR_SERVER;
    if (status >= 400) return TAMAR_BAD_REQUEST;
    if (status >= 300) return TAMAR_REDIRECT;
    return TAMAR_OK;
}

// What a vendor's refusal is. retry_after_ms < 0: it named no time.
static tamar_category tamar__policy_classify(int status, tamar_str code, tamar_str type, tamar_str message,
                                             int64_t retry_after_ms)
{
    static const char *const too_long[] = { "context length",         "context window",    "maximum context",
                                            "prompt is too long",     "input is too long", "too many tokens",
                                            "context_length_exceeded",
                                            "exceeds the maximum number of tokens" };
    tamar_category c = tamar__policy_by_word(code), by_type = tamar__policy_by_word(type);
    size_t i;
    if (c == TAMAR_OK) c = tamar__policy_by_number(code);
    if (c == TAMAR_OK || (c == TAMAR_BAD_REQUEST && by_type != TAMAR_OK)) c = by_type ? by_type : c;
    if (status == 429 && c != TAMAR_BILLING && c != TAMAR_OVERLOADED && c != TAMAR_QUOTA) c = TAMAR_RATE;
    // A quota that is over in two minutes is a rate (Azure says insufficient_quota for a busy minute).
    if (c == TAMAR_BILLING && retry_after_ms >= 0 && retry_after_ms <= 120000) c = TAMAR_RATE;
    // The status names it better than a generic word does.
    if (c == TAMAR_OK || c == TAMAR_BAD_REQUEST || c == TAMAR_SERVER) {
        tamar_category by_status = tamar__policy_by_status(status);
        if (by_status != TAMAR_OK && !(c == TAMAR_BAD_REQUEST && by_status == TAMAR_SERVER)) c = by_status;
    }
    if (c == TAMAR_BAD_REQUEST || c == TAMAR_TOO_LARGE || (c == TAMAR_SERVER && status < 502) || c == TAMAR_OK)
        for (i = 0; i < sizeof too_long / sizeof *too_long; i++)
            if (tamar__str_find(message, too_long[i], true) < message.len) return TAMAR_CONTEXT;
    return c == TAMAR_OK ? TAMAR_SERVER : c;
}

// May the same request, sent again, succeed?
static bool tamar__policy_retryable(tamar_category category, int status)
{
    switch (category) {
    case TAMAR_LOCAL_LIMIT:
    case TAMAR_OFFLINE:
    case TAMAR_DNS:
    case TAMAR_CONNECT:
    case TAMAR_TLS_PROTO:
    case TAMAR_RESET:
    case TAMAR_TIMEOUT_CONNECT: case TAMAR_TIMEOUT_TLS: case TAMAR_TIMEOUT_SEND: case TAMAR_TIMEOUT_TTFB:
    case TAMAR_TIMEOUT_IDLE: case TAMAR_PROTO: case TAMAR_TRUNCATED: case TAMAR_PARSE: case TAMAR_EMPTY:
    case TAMAR_OVERLOADED: case TAMAR_RATE:
        return true;
    case TAMAR_SERVER: return status != 501 && status != 505;
    default: return false;
    }
}

static bool tamar__policy_digits(const char *p, int count, int *value)
{
    int v = 0;
    while (count--) {
        if (*p < '0' || *p > '9') return false;
        v = v * 10 + (*p++ - '0');
    }
    *value = v;
    return true;
}

// Days since 1970 of a civil date, the month from 1.
static int64_t tamar__policy_days(int year, int month, int day)
{
    int64_t y = month < 3 ? year - 1 : year, era = y / 400, yoe = y - era * 400;  // the year begins in March
    int64_t doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

// An IMF-fixdate ("Sun, 06 Nov 1994 08:49:37 GMT", RFC 9110 5.6.7) as seconds since 1970.
static bool tamar__policy_date(tamar_str s, int64_t *seconds)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, year, hour, minute, second, m;
    if (s.len != 29 || memcmp(s.ptr + 25, " GMT", 4)) return false;
    if (!tamar__policy_digits(s.ptr + 5, 2, &day) || !tamar__policy_digits(s.ptr + 12, 4, &year) ||
        !tamar__policy_digits(s.ptr + 17, 2, &hour) || !tamar__policy_digits(s.ptr + 20, 2, &minute) ||
        !tamar__policy_digits(s.ptr + 23, 2, &second))
        return false;
    for (m = 0; m < 12 && memcmp(s.ptr + 8, months + 3 * m, 3); m++) {}
    if (m == 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return false;
    *seconds = tamar__policy_days(year, m + 1, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

// A decimal like "1.5" in thousandths; no sign, no exponent.
static bool tamar__policy_milli(tamar_str s, int64_t *milli)
{
    int64_t v = 0, scale = 1000;
    size_t i;
    bool dot = false, any = false;
    for (i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && !dot) {
            dot = true;
            continue;
        }
        if (s.ptr[i] < '0' || s.ptr[i] > '9' || v > INT64_C(1000000000000)) return false;
        any = true;
        if (!dot) v = v * 10 + (s.ptr[i] - '0');
        else if (scale > 1) v = v * 10 + (s.ptr[i] - '0'), scale /= 10;
    }
    *milli = v * scale;
    return any;
}

// The server's wish in ms, or -1. A date is measured against the response's own Date, so a wrong clock here does not
// matter. What is negative, in the past or more than a day away is no hint.
static int64_t tamar__policy_retry_after(tamar_str after_ms, tamar_str after, tamar_str date)
{
    int64_t ms = -1, when, now;
    if (after_ms.len && tamar__policy_milli(after_ms, &ms)) ms /= 1000;
    else if (after.len && tamar__policy_milli(after, &ms)) {}
    else if (after.len && tamar__policy_date(after, &when) && tamar__policy_date(date, &now))
        ms = (when - now) * 1000;
    else ms = -1;
    return ms < 0 || ms > INT64_C(86400000) ? -1 : ms;
}

// How long to wait before attempt number n + 1 (n from 0): full jitter under a doubling cap, never before the hint.
static int64_t tamar__policy_backoff(int n, bool throttled, int64_t hint_ms, uint32_t random)
{
    int64_t cap = (throttled ? INT64_C(1000) : INT64_C(100)) << (n < 15 ? n : 15);
    if (cap > 20000) cap = 20000;
    if (hint_ms >= 0) {
        int64_t slack = hint_ms / 10 < 1000 ? hint_ms / 10 : 1000;
        return hint_ms + (int64_t)(random % (uint32_t)(slack + 1));
    }
    return (int64_t)(random % (uint32_t)(cap + 1));
}

// =================================================================================================
// >>model  provider rows, model profiles; all data | uses: base arena str json
// A provider is a row: where it lives, which dialect it speaks, how it differs. A profile is a row too: which
// parameters the models behind a glob take. Nothing else in the header knows a provider's or a model's name.
// =================================================================================================

enum {  // tamar_effort as a set
    TAMAR__MODEL_OFF = 1 << TAMAR_EFFORT_OFF,
    TAMAR__MODEL_MINIMAL = 1 << TAMAR_EFFORT_MINIMAL,
    TAMAR__MODEL_LOW = 1 << TAMAR_EFFORT_LOW,
    TAMAR__MODEL_MEDIUM = 1 << TAMAR_EFFORT_MEDIUM,
    TAMAR__MODEL_HIGH = 1 << TAMAR_EFFORT_HIGH,
    TAMAR__MODEL_XHIGH = 1 << TAMAR_EFFORT_XHIGH,
    TAMAR__MODEL_MAX = 1 << TAMAR_EFFORT_MAX,
    TAMAR__MODEL_LMH = TAMAR__MODEL_LOW | TAMAR__MODEL_MEDIUM | TAMAR__MODEL_HIGH
};

typedef struct tamar__model_target {
    const tamar_provider *provider;
    const tamar_model_profile *profile;
    tamar_str model;  // as the provider calls it
    tamar_str base;  // the base URL that is used
} tamar__model_target;

static const tamar_provider *tamar__model_rows(size_t *count)
{
#define TAMAR__MODEL_LOCAL (TAMAR_QUIRK_KEY_OPTIONAL)
#define TAMAR__MODEL_LOCATION "{GOOGLE_CLOUD_LOCATION,GOOGLE_VERTEX_LOCATION|global"
    static const tamar_provider rows[] = {
        { "custom", NULL, "openai-chat", NULL, "OPENAI_API_KEY", NULL, TAMAR__MODEL_LOCAL, NULL, NULL, NULL, NULL },
        { "openai", NULL, "openai-chat", "https://api.openai.com/v1", "OPENAI_API_KEY", "OPENAI_BASE_URL",
          TAMAR_QUIRK_DEVELOPER_ROLE | TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_FOUR_STOPS |
              TAMAR_QUIRK_OBFUSCATION | TAMAR_QUIRK_SAFETY_IDENTIFIER | TAMAR_QUIRK_RESPONSES |
              TAMAR_QUIRK_STRICT_SCHEMA,
          "gpt-*,chatgpt-*,o1*,o3*,o4*", "openai", NULL, NULL },
        // Azure's v1 API, where the deployment's name is the model
        { "azure", "azure-openai", "openai-chat", "https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/v1",
          "AZURE_OPENAI_API_KEY,AZURE_API_KEY", "AZURE_OPENAI_ENDPOINT",
          TAMAR_QUIRK_DEVELOPER_ROLE | TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_FOUR_STOPS |
              TAMAR_QUIRK_SAFETY_IDENTIFIER | TAMAR_QUIRK_RESPONSES | TAMAR_QUIRK_STRICT_SCHEMA,
          NULL, "openai", "api-key", NULL },
        // and its older form, where it stands in the path and the API has a date
        { "azure-classic", NULL, "openai-chat",
          "https://{AZURE_RESOURCE_NAME}.openai.azure.com/openai/deployments/{model}"
          "?api-version={OPENAI_API_VERSION|2024-10-21}",
          "AZURE_OPENAI_API_KEY,AZURE_API_KEY", "AZURE_OPENAI_ENDPOINT",
          TAMAR_QUIRK_DEVELOPER_ROLE | TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_FOUR_STOPS |
              TAMAR_QUIRK_STRICT_SCHEMA,
          NULL, "openai", "api-key", NULL },
        { "deepseek", NULL, "openai-chat", "https://api.deepseek.com", "DEEPSEEK_API_KEY", "DEEPSEEK_BASE_URL",
          TAMAR_QUIRK_REASONING_CONTENT | TAMAR_QUIRK_EMPTY_CONTENT | TAMAR_QUIRK_NO_SCHEMA | TAMAR_QUIRK_NO_SEED |
              TAMAR_QUIRK_NO_PARALLEL | TAMAR_QUIRK_USER_ID | TAMAR_QUIRK_THINKING_SWITCH | TAMAR_QUIRK_FLAT_FILE,
          "deepseek-*", "deepseek", NULL, NULL },
        { "anthropic", "claude", "anthropic-messages", "https://api.anthropic.com",
          "ANTHROPIC_API_KEY,Bearer ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", TAMAR_QUIRK_VERSION_2026, "claude-*",
          "claude", "x-api-key", NULL },
        { "perplexity", NULL, "openai-chat", "https://api.perplexity.ai", "PERPLEXITY_API_KEY,PPLX_API_KEY",
          "PERPLEXITY_BASE_URL",
          TAMAR_QUIRK_NO_TOOLS | TAMAR_QUIRK_NO_SEED | TAMAR_QUIRK_NO_PARALLEL | TAMAR_QUIRK_NO_STREAM_OPTIONS |
              TAMAR_QUIRK_NO_USER | TAMAR_QUIRK_NO_STOP,
          "sonar*", "sonar", NULL, NULL },
        { "groq", NULL, "openai-chat", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "GROQ_BASE_URL",
          TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_REASONING | TAMAR_QUIRK_EMPTY_CONTENT |
              TAMAR_QUIRK_NO_LOGPROBS | TAMAR_QUIRK_NO_NAME,
          NULL, "groq", NULL, NULL },
        { "openrouter", NULL, "openai-chat", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY",
          "OPENROUTER_BASE_URL", TAMAR_QUIRK_REASONING_DETAILS | TAMAR_QUIRK_REASONING_OBJECT, NULL, "openrouter",
          NULL, NULL },
        { "mistral", NULL, "openai-chat", "https://api.mistral.ai/v1", "MISTRAL_API_KEY", "MISTRAL_BASE_URL",
          TAMAR_QUIRK_RANDOM_SEED | TAMAR_QUIRK_TOOL_CHOICE_ANY | TAMAR_QUIRK_TOOL_RESULT_NAME |
              TAMAR_QUIRK_STRING_IMAGE | TAMAR_QUIRK_NO_STREAM_OPTIONS | TAMAR_QUIRK_NO_USER |
              TAMAR_QUIRK_NO_LOGPROBS,
          "mistral-*,ministral-*,codestral-*,magistral-*,pixtral-*,devstral-*", "mistral", NULL, NULL },
        { "xai", "grok", "openai-responses", "https://api.x.ai/v1", "XAI_API_KEY", "XAI_BASE_URL",
          TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_NO_STOP | TAMAR_QUIRK_NO_PENALTIES,
          "grok-*", "grok", NULL, NULL },
        { "together", NULL, "openai-chat", "https://api.together.ai/v1", "TOGETHER_API_KEY", "TOGETHER_BASE_URL",
          TAMAR_QUIRK_REASONING | TAMAR_QUIRK_LOGPROBS_COUNT, NULL, "together", NULL, NULL },
        { "qianfan", "baidu,wenxin,ernie", "openai-chat", "https://qianfan.baidubce.com/v2",
          "QIANFAN_API_KEY,WENXIN_API_KEY,ERNIE_API_KEY", "QIANFAN_BASE_URL,WENXIN_BASE_URL",
          TAMAR_QUIRK_NO_LOGPROBS, "ernie-*", "ernie", NULL, NULL },
        { "qwen", "alibaba,dashscope", "openai-chat", "https://dashscope.aliyuncs.com/compatible-mode/v1",
          "DASHSCOPE_API_KEY,ALIBABA_API_KEY", "DASHSCOPE_BASE_URL", 0, "qwen*,qwq*,qvq*", "qwen", NULL, NULL },
        { "hunyuan", "tencent", "openai-chat", "https://api.hunyuan.cloud.tencent.com/v1", "HUNYUAN_API_KEY",
          "HUNYUAN_BASE_URL", TAMAR_QUIRK_NO_SCHEMA | TAMAR_QUIRK_NO_PENALTIES, "hunyuan-*", "hunyuan", NULL, NULL },
        { "tokenhub", "tencent-tokenhub", "openai-chat", "https://tokenhub.tencentmaas.com/v1",
          "TOKENHUB_API_KEY,TENCENT_TOKENHUB_API_KEY", "TOKENHUB_BASE_URL", 0, "hy3*,hy-*", "tokenhub", NULL, NULL },
        { "zhipu", "glm,z.ai,zai", "openai-chat", "https://open.bigmodel.cn/api/paas/v4",
          "ZHIPU_API_KEY,ZHIPUAI_API_KEY,ZAI_API_KEY", "ZHIPU_BASE_URL,ZAI_BASE_URL",
          TAMAR_QUIRK_NO_STREAM_OPTIONS | TAMAR_QUIRK_NO_PARALLEL | TAMAR_QUIRK_NO_PENALTIES |
              TAMAR_QUIRK_NO_LOGPROBS | TAMAR_QUIRK_USER_ID | TAMAR_QUIRK_NO_NAME,
          "glm-*", "glm", NULL, NULL },
        { "doubao", "volcengine,ark", "openai-chat", "https://ark.cn-beijing.volces.com/api/v3",
          "ARK_API_KEY,DOUBAO_API_KEY", "ARK_BASE_URL,DOUBAO_BASE_URL",
          TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_FOUR_STOPS, "doubao-*,ep-*", "doubao", NULL, NULL },
        { "moonshot", "kimi", "openai-chat", "https://api.moonshot.cn/v1", "MOONSHOT_API_KEY,KIMI_API_KEY",
          "MOONSHOT_BASE_URL",
          TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_NO_SEED | TAMAR_QUIRK_SAFETY_IDENTIFIER,
          "kimi-*,moonshot-*", "kimi", NULL, NULL },
        { "minimax", NULL, "openai-chat", "https://api.minimaxi.com/v1", "MINIMAX_API_KEY", "MINIMAX_BASE_URL",
          TAMAR_QUIRK_MAX_COMPLETION_TOKENS | TAMAR_QUIRK_NO_STREAM_OPTIONS | TAMAR_QUIRK_REASONING_DETAILS,
          "minimax-*,abab*", "minimax", NULL, NULL },
        { "siliconflow", NULL, "openai-chat", "https://api.siliconflow.cn/v1", "SILICONFLOW_API_KEY",
          "SILICONFLOW_BASE_URL", 0, NULL, "siliconflow", NULL, NULL },
        { "ollama", NULL, "ollama-chat", "http://127.0.0.1:11434", "OLLAMA_API_KEY", "OLLAMA_BASE_URL,OLLAMA_HOST",
          TAMAR__MODEL_LOCAL | TAMAR_QUIRK_REASONING | TAMAR_QUIRK_NO_USER, NULL, "ollama", NULL, NULL },
        { "llamacpp", "llama.cpp", "openai-chat", "http://127.0.0.1:8080/v1", "LLAMACPP_API_KEY,LLAMA_API_KEY",
          "LLAMACPP_BASE_URL", TAMAR__MODEL_LOCAL, NULL, "local", NULL, NULL },
        { "vllm", NULL, "openai-chat", "http://127.0.0.1:8000/v1", "VLLM_API_KEY", "VLLM_BASE_URL",
          TAMAR__MODEL_LOCAL | TAMAR_QUIRK_REASONING, NULL, "vllm", NULL, NULL },
        { "lmstudio", NULL, "openai-chat", "http://127.0.0.1:1234/v1", "LM_API_TOKEN", "LMSTUDIO_BASE_URL",
          TAMAR__MODEL_LOCAL, NULL, "lmstudio", NULL, NULL },
        { "google", "gemini,google-ai", "gemini-generate", "https://generativelanguage.googleapis.com",
          "GOOGLE_API_KEY,GEMINI_API_KEY,GOOGLE_GENERATIVE_AI_API_KEY", "GOOGLE_GEMINI_BASE_URL", 0,
          "gemini-*,gemma-*,imagen-*", "gemini", "x-goog-api-key", NULL },
        { "vertex", "google-vertex,vertexai", "gemini-generate",
          "https://" TAMAR__MODEL_LOCATION "?global=aiplatform;us=aiplatform.us.rep;eu=aiplatform.eu.rep;"
          "*=*-aiplatform}.googleapis.com/v1/projects/{GOOGLE_CLOUD_PROJECT,GOOGLE_VERTEX_PROJECT}"
          "/locations/" TAMAR__MODEL_LOCATION "}",
          "GOOGLE_VERTEX_ACCESS_TOKEN,GOOGLE_OAUTH_ACCESS_TOKEN,CLOUDSDK_AUTH_ACCESS_TOKEN", "GOOGLE_VERTEX_BASE_URL",
          TAMAR_QUIRK_VERTEX, NULL, "gemini", NULL, NULL },
        { "vertex-express", NULL, "gemini-generate", "https://aiplatform.googleapis.com/v1", "GOOGLE_VERTEX_API_KEY",
          NULL, TAMAR_QUIRK_VERTEX, NULL, "gemini", "x-goog-api-key", NULL },
        { "qwen-native", "dashscope-native", "dashscope-native", "https://dashscope.aliyuncs.com/api/v1",
          "DASHSCOPE_API_KEY", "DASHSCOPE_HTTP_BASE_URL", 0, NULL, "dashscope", NULL, NULL },
        { "hunyuan-native", NULL, "hunyuan-native", "https://hunyuan.tencentcloudapi.com",
          "TENCENTCLOUD_SECRET_ID+TENCENTCLOUD_SECRET_KEY", NULL, TAMAR_QUIRK_NO_SCHEMA, NULL, NULL, "tc3", NULL },
        { "tamar", NULL, "tamar-invoke", NULL,
          "MODEL_MANAGER_SERVER_JWT_SECRET_KEY,MODEL_MANAGER_SERVER_JWT_TOKEN,MODEL_MANAGER_SERVER_JWT_SECRET",
          "MODEL_CLIENT_HTTP_FALLBACK_URL", TAMAR_QUIRK_NO_STREAM_OPTIONS | TAMAR_QUIRK_REQUEST_ID, NULL, NULL,
          "tamar-jwt", NULL },
    };
#undef TAMAR__MODEL_LOCAL
#undef TAMAR__MODEL_LOCATION
    *count = sizeof rows / sizeof *rows;
    return rows;
}

// * stands for anything. ASCII case is ignored.
static bool tamar__model_glob(const char *glob, size_t len, tamar_str text)
{
    size_t g = 0, t = 0, star = SIZE_MAX, from = 0;
    while (t < text.len) {
        if (g < len && glob[g] == '*') {
            star = ++g;
            from = t;
        }
        else if (g < len && tamar__str_lower(glob[g]) == tamar__str_lower(text.ptr[t])) g++, t++;
        else if (star != SIZE_MAX) {
            g = star;
            t = ++from;
        }
        else return false;
    }
    while (g < len && glob[g] == '*') g++;
    return g == len;
}

// Does one of "a,b*,c" match?
static bool tamar__model_listed(const char *list, tamar_str text)
{
    while (list && *list) {
        const char *comma = strchr(list, ',');
        size_t n = comma ? (size_t)(comma - list) : strlen(list);
        if (tamar__model_glob(list, n, text)) return true;
        list += n + (comma ? 1 : 0);
    }
    return false;
}

// Is it one of "a,b,c", which are no globs? ASCII case is ignored.
static bool tamar__model_named(const char *list, tamar_str word)
{
    while (*list) {
        const char *comma = strchr(list, ',');
        size_t n = comma ? (size_t)(comma - list) : strlen(list);
        if (n == word.len && tamar__model_glob(list, n, word)) return true;
        list += n + (comma ? 1 : 0);
    }
    return false;
}

static const tamar_provider *tamar__model_provider(const tamar_provider *own, size_t own_count, tamar_str name)
{
    size_t i, count;
    const tamar_provider *rows = tamar__model_rows(&count);
    char first = name.len ? tamar__str_lower(*name.ptr) : 0;
    for (i = 0; i < own_count + count; i++) {
        const tamar_provider *p = i < own_count ? &own[i] : &rows[i - own_count];
        if (p->name && name.len && tamar__str_lower(*p->name) == first && tamar__str_is_nocase(name, p->name)) return p;
    }
    for (i = 0; i < own_count + count; i++) {
        const tamar_provider *p = i < own_count ? &own[i] : &rows[i - own_count];
        if (p->aliases && tamar__model_listed(p->aliases, name)) return p;
    }
    return NULL;
}

static const tamar_model_profile *tamar__model_profiles(size_t *count)
{
#define TAMAR__MODEL_FIXED (TAMAR_MODEL_REASONS | TAMAR_MODEL_NO_SAMPLING | TAMAR_MODEL_COMPLETION_TOKENS)
#define TAMAR__MODEL_LOOSE (TAMAR_MODEL_REASONS | TAMAR_MODEL_SAMPLES_WHEN_OFF | TAMAR_MODEL_COMPLETION_TOKENS)
#define TAMAR__MODEL_CLAUDE \
    (TAMAR_MODEL_REASONS | TAMAR_MODEL_ADAPTIVE | TAMAR_MODEL_NO_SAMPLING | TAMAR_MODEL_NO_PREFILL)
#define TAMAR__MODEL_BUDGETED (TAMAR_MODEL_REASONS | TAMAR_MODEL_BUDGET)
#define TAMAR__MODEL_LEVELS (TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH | TAMAR__MODEL_MAX)
#define TAMAR__MODEL_SIGNED (TAMAR_MODEL_REASONS | TAMAR_MODEL_SIGNED_CALLS)
#define TAMAR__MODEL_FOURTH                                                                     \
    (TAMAR__MODEL_SIGNED | TAMAR_MODEL_NO_SAMPLING | TAMAR_MODEL_NO_PENALTIES | TAMAR_MODEL_NO_PREFILL)
#define TAMAR__MODEL_SEEK (TAMAR__MODEL_OFF | TAMAR__MODEL_LOW | TAMAR__MODEL_HIGH | TAMAR__MODEL_MAX)
#define TAMAR__MODEL_ROUTED (TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH)
#define TAMAR__MODEL_BUDGETS \
    (TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH | TAMAR__MODEL_MAX)  // every level is some number
#define TAMAR__MODEL_SWITCH (TAMAR_MODEL_ENABLE_THINKING | TAMAR_MODEL_BUDGET)
#define TAMAR__MODEL_ERNIE (TAMAR_MODEL_ENABLE_THINKING | TAMAR_MODEL_STOP_FOUR_SHORT)
#define TAMAR__MODEL_QWEN (TAMAR_MODEL_TOP_K | TAMAR_MODEL_NO_FREQUENCY | TAMAR_MODEL_CACHE_MARKS)
#define TAMAR__MODEL_GLM \
    (TAMAR_MODEL_UNIT_TEMPERATURE | TAMAR_MODEL_STOP_ONE | TAMAR_MODEL_TOOL_AUTO | TAMAR_MODEL_RAW_IMAGE | \
     TAMAR_MODEL_NO_SCHEMA)
#define TAMAR__MODEL_KIMI \
    (TAMAR_MODEL_STOP_FIVE_SHORT | TAMAR_MODEL_NO_IMAGE_URL | TAMAR_MODEL_BLANK_CONTENT | TAMAR_MODEL_PLAIN_SCHEMA)
    static const tamar_model_profile rows[] = {
        { "openai", "gpt-5-chat*,gpt-4*,gpt-3*,chatgpt-*", 0, 0, 0, NULL },
        { "openai", "o3*,o4-mini*", TAMAR__MODEL_FIXED | TAMAR_MODEL_NO_STOP, TAMAR__MODEL_LMH, 0, NULL },
        { "openai", "o1*,o2*", TAMAR__MODEL_FIXED, TAMAR__MODEL_LMH, 0, NULL },
        { "openai", "gpt-5.1*", TAMAR__MODEL_LOOSE, TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 0, NULL },
        { "openai", "gpt-5.2*,gpt-5.3*,gpt-5.4*,gpt-5.5*", TAMAR__MODEL_LOOSE,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH, 0, NULL },
        { "openai", "gpt-5.6*", TAMAR__MODEL_LOOSE | TAMAR_MODEL_TOOLS_NEED_OFF,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH | TAMAR__MODEL_MAX, 0, NULL },
        { "openai", "gpt-5*", TAMAR__MODEL_FIXED, TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0, NULL },
        { "openai", "gpt-6-sol*,gpt-6-luna*,gpt-6.1-terra*", TAMAR__MODEL_LOOSE,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH | TAMAR__MODEL_MAX, 0, NULL },
        { "openai", "gpt-6*,gpt-7*,gpt-8*,gpt-9*", TAMAR__MODEL_FIXED,
          TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH | TAMAR__MODEL_MAX, 0, NULL },
        // Claude, as of 2026-11-20; the names also stand in the middle of other vendors' names for them
        { "claude", "*sonnet-5-5*",
          TAMAR__MODEL_CLAUDE | TAMAR_MODEL_BETWEEN_TOOLS | TAMAR_MODEL_NO_FORCED_TOOL,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LEVELS, 128000, NULL },
        { "claude", "*opus-5-5*,*fable-5-1*,*fable-5-2*,*mythos*",
          TAMAR__MODEL_CLAUDE | TAMAR_MODEL_NO_FORCED_TOOL | TAMAR_MODEL_MID_SYSTEM, TAMAR__MODEL_LEVELS, 128000,
          NULL },
        { "claude", "*fable-5*", TAMAR__MODEL_CLAUDE | TAMAR_MODEL_MID_SYSTEM, TAMAR__MODEL_LEVELS, 128000, NULL },
        { "claude", "*haiku-5-5*", TAMAR__MODEL_CLAUDE, TAMAR__MODEL_OFF | TAMAR__MODEL_LEVELS, 128000, NULL },
        { "claude", "*opus-5*,*opus-4-8*", TAMAR__MODEL_CLAUDE | TAMAR_MODEL_MID_SYSTEM,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LEVELS, 128000, NULL },
        { "claude", "*opus-4-6*,*sonnet-4-6*",
          TAMAR_MODEL_REASONS | TAMAR_MODEL_ADAPTIVE | TAMAR_MODEL_NO_PREFILL | TAMAR_MODEL_ONE_SAMPLING,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LMH | TAMAR__MODEL_MAX, 128000, NULL },
        { "claude", "*opus-4-5*", TAMAR__MODEL_BUDGETED | TAMAR_MODEL_EFFORT_TOO | TAMAR_MODEL_ONE_SAMPLING,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 64000, NULL },
        { "claude", "*haiku-4-5*,*sonnet-4-5*", TAMAR__MODEL_BUDGETED | TAMAR_MODEL_ONE_SAMPLING,
          TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 64000, NULL },
        { "claude", "*opus-4-1*", TAMAR__MODEL_BUDGETED, TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH,
          32000, NULL },
        { "claude", "*opus-4-7*", TAMAR__MODEL_CLAUDE, TAMAR__MODEL_OFF | TAMAR__MODEL_LEVELS, 128000, NULL },
        { "claude", "*opus-4*", TAMAR__MODEL_BUDGETED | TAMAR_MODEL_NO_SCHEMA,
          TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 32000, NULL },
        { "claude", "*sonnet-4*,*3-7-sonnet*", TAMAR__MODEL_BUDGETED | TAMAR_MODEL_NO_SCHEMA,
          TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 64000, NULL },
        { "claude", "*claude-3*,*claude-2*,*claude-instant*", TAMAR_MODEL_NO_SCHEMA, TAMAR__MODEL_OFF, 4096, NULL },
        { "claude", "*", TAMAR__MODEL_CLAUDE, TAMAR__MODEL_OFF | TAMAR__MODEL_LEVELS, 128000, NULL },
        { "gemini", "*gemma*", TAMAR_MODEL_NO_SYSTEM, 0, 0, NULL },
        { "gemini", "*imagen*", TAMAR_MODEL_PREDICT, 0, 0, NULL },
        { "gemini", "*embedding-2*,*-maas*", TAMAR_MODEL_EMBEDS_ONE, 0, 0, NULL },
        { "gemini", "*gemini-1.*,*gemini-2.0*,*embedding*", 0, 0, 0, NULL },
        { "gemini", "*gemini-2.5*-image*", TAMAR_MODEL_NO_PENALTIES, 0, 0, NULL },
        { "gemini", "*gemini-2.5-pro*", TAMAR_MODEL_REASONS | TAMAR_MODEL_BUDGET | TAMAR_MODEL_NO_PENALTIES,
          TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH | TAMAR__MODEL_MAX, 0, NULL },
        { "gemini", "*gemini-2.5*", TAMAR_MODEL_REASONS | TAMAR_MODEL_BUDGET | TAMAR_MODEL_NO_PENALTIES,
          TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH | TAMAR__MODEL_MAX, 0, NULL },
        { "gemini", "*gemini-3-pro*", TAMAR__MODEL_SIGNED, TAMAR__MODEL_LOW | TAMAR__MODEL_HIGH, 0, NULL },
        { "gemini", "*gemini-3.7*,*gemini-3.8*,*gemini-3.9*", TAMAR__MODEL_SIGNED | TAMAR_MODEL_NO_PREFILL,
          TAMAR__MODEL_LMH, 0, NULL },
        { "gemini", "*gemini-3*flash*", TAMAR__MODEL_SIGNED, TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0, NULL },
        { "gemini", "*gemini-3*", TAMAR__MODEL_SIGNED, TAMAR__MODEL_LMH, 0, NULL },
        { "gemini", "*gemini-4*hydrogen*,*gemini-4*neon*", TAMAR__MODEL_FOURTH,
          TAMAR__MODEL_LMH | TAMAR__MODEL_XHIGH, 0, NULL },
        { "gemini", "*gemini-4*", TAMAR__MODEL_FOURTH, TAMAR__MODEL_LMH, 0, NULL },
        { "gemini", "*", TAMAR__MODEL_SIGNED, TAMAR__MODEL_LMH, 0, NULL },
        { "dashscope", "qwen3.8*", TAMAR_MODEL_MIXED,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LOW | TAMAR__MODEL_MEDIUM | TAMAR__MODEL_XHIGH, 0, NULL },
        { "dashscope", "qwen3.7*", TAMAR_MODEL_MIXED, TAMAR__MODEL_OFF, 0, NULL },
        { "dashscope", "*-vl*,qvq*,qwen3.5*,qwen3.6*,*-omni*,*-audio*,qwen-image*",
          TAMAR_MODEL_MIXED | TAMAR_MODEL_NO_SCHEMA, TAMAR__MODEL_OFF, 0, NULL },
        { "dashscope", "*", TAMAR_MODEL_NO_SCHEMA, TAMAR__MODEL_OFF, 0, NULL },
        { "ollama", "*", 0, TAMAR__MODEL_OFF | TAMAR__MODEL_LMH | TAMAR__MODEL_MAX, 0, NULL },
        // Retired on 2026-07-24: the first did not reason, the second did.
        { "deepseek", "deepseek-chat", TAMAR_MODEL_SAMPLES_WHEN_OFF | TAMAR_MODEL_OFF_BY_DEFAULT, TAMAR__MODEL_SEEK,
          0, "deepseek-v4-flash" },
        { "deepseek", "deepseek-reasoner", TAMAR_MODEL_SAMPLES_WHEN_OFF, TAMAR__MODEL_SEEK, 0, "deepseek-v4-flash" },
        { "deepseek", "*", TAMAR_MODEL_SAMPLES_WHEN_OFF, TAMAR__MODEL_SEEK, 0, NULL },
        { "sonar", "*", TAMAR_MODEL_TOP_K | TAMAR_MODEL_NO_JSON_MODE, TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0,
          NULL },
        { "groq", "openai/gpt-oss*", 0, TAMAR__MODEL_LMH, 0, NULL },
        { "groq", "llama*,meta-llama/*,gemma*,moonshotai/*,*compound*", 0, 0, 0, NULL },
        { "openrouter", "anthropic/*,google/*", TAMAR_MODEL_TOP_K | TAMAR_MODEL_CACHE_MARKS, TAMAR__MODEL_ROUTED, 0,
          NULL },
        { "openrouter", "*", TAMAR_MODEL_TOP_K, TAMAR__MODEL_ROUTED, 0, NULL },
        { "grok", "grok-4.20*", TAMAR_MODEL_REASONS, 0, 0, NULL },
        { "grok", "grok-3-mini*", TAMAR_MODEL_REASONS, TAMAR__MODEL_LOW | TAMAR__MODEL_HIGH, 0, NULL },
        { "grok", "grok-2*,grok-3*", 0, 0, 0, NULL },
        { "grok", "*", TAMAR_MODEL_REASONS, TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0, NULL },
        { "together", "*", TAMAR_MODEL_TOP_K, TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 0, NULL },
        { "local", "*", TAMAR_MODEL_TOP_K, TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0, NULL },
        { "lmstudio", "*", TAMAR_MODEL_TOP_K | TAMAR_MODEL_NO_NAMED_TOOL,
          TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0, NULL },
        { "vllm", "*", TAMAR_MODEL_TOP_K | TAMAR_MODEL_TEMPLATE_THINKING, TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 0,
          NULL },
        { "ernie", "ernie-x1-turbo*", TAMAR__MODEL_ERNIE | TAMAR_MODEL_NO_SCHEMA, TAMAR__MODEL_OFF | TAMAR__MODEL_LMH,
          0, NULL },
        { "ernie", "*", TAMAR__MODEL_ERNIE, TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 0, NULL },
        { "qwen", "qwen3.8-*", TAMAR__MODEL_QWEN | TAMAR_MODEL_ENABLE_THINKING,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LOW | TAMAR__MODEL_MEDIUM | TAMAR__MODEL_XHIGH, 0, NULL },
        { "qwen", "qwen3.7-*", TAMAR__MODEL_QWEN | TAMAR__MODEL_SWITCH, TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS, 0,
          NULL },
        { "qwen", "qwen3-*-instruct*,qwen3-coder*,qwen2*,qwen1*,qwen-vl*,qwen-long*,qwen-math*,qwen-coder*",
          TAMAR__MODEL_QWEN | TAMAR_MODEL_NO_SCHEMA, 0, 0, NULL },
        { "qwen", "*-thinking*,qwq*,qvq*", TAMAR__MODEL_QWEN | TAMAR_MODEL_NO_SCHEMA | TAMAR_MODEL_BUDGET,
          TAMAR__MODEL_BUDGETS, 0, NULL },
        // The open-source ones refuse to reason outside of a stream, and would by default.
        { "qwen", "qwen3-*b,qwen3-*b-*",
          TAMAR__MODEL_QWEN | TAMAR__MODEL_SWITCH | TAMAR_MODEL_NO_SCHEMA | TAMAR_MODEL_STREAM_TO_THINK,
          TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS, 0, NULL },
        { "qwen", "deepseek-*,glm-*,kimi-*", TAMAR__MODEL_QWEN | TAMAR_MODEL_ENABLE_THINKING | TAMAR_MODEL_NO_SCHEMA,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 0, NULL },
        { "qwen", "*", TAMAR__MODEL_QWEN | TAMAR__MODEL_SWITCH | TAMAR_MODEL_NO_SCHEMA,
          TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS, 0, NULL },
        { "hunyuan", "hunyuan-a13b*", TAMAR_MODEL_ENABLE_THINKING | TAMAR_MODEL_ON_OFF,
          TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS, 0, NULL },
        { "hunyuan", "*", 0, 0, 0, NULL },
        { "tokenhub", "*", TAMAR_MODEL_THINKING_TYPE | TAMAR_MODEL_REPLAYS | TAMAR_MODEL_NO_NAMED_TOOL,
          TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 0, NULL },
        { "glm", "glm-5.3*", TAMAR__MODEL_GLM | TAMAR_MODEL_THINKING_TYPE,
          TAMAR__MODEL_LOW | TAMAR__MODEL_HIGH | TAMAR__MODEL_MAX, 0, NULL },
        { "glm", "glm-5.2*", TAMAR__MODEL_GLM | TAMAR_MODEL_THINKING_TYPE, TAMAR__MODEL_OFF | TAMAR__MODEL_LMH, 0,
          NULL },
        { "glm", "glm-4.5*,glm-4.6*,glm-4.7*,glm-5*",
          TAMAR__MODEL_GLM | TAMAR_MODEL_THINKING_TYPE | TAMAR_MODEL_ON_OFF, TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS,
          0, NULL },
        { "glm", "*", TAMAR__MODEL_GLM, 0, 0, NULL },
        { "doubao", "doubao-seed*,*thinking*", TAMAR_MODEL_THINKING_TYPE | TAMAR_MODEL_NO_STOP,
          TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0, NULL },
        { "doubao", "*", TAMAR_MODEL_THINKING_TYPE, TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0,
          NULL },
        { "kimi", "kimi-k3*", TAMAR__MODEL_KIMI | TAMAR_MODEL_NO_SAMPLING | TAMAR_MODEL_REPLAYS,
          TAMAR__MODEL_LOW | TAMAR__MODEL_HIGH | TAMAR__MODEL_MAX, 0, NULL },
        { "kimi", "kimi-k2.7*",
          TAMAR__MODEL_KIMI | TAMAR_MODEL_NO_SAMPLING | TAMAR_MODEL_REPLAYS | TAMAR_MODEL_NO_FORCED_TOOL, 0, 0,
          NULL },
        { "kimi", "kimi-k2.6*",
          TAMAR__MODEL_KIMI | TAMAR_MODEL_NO_SAMPLING | TAMAR_MODEL_REPLAYS | TAMAR_MODEL_NO_FORCED_TOOL |
              TAMAR_MODEL_THINKING_TYPE | TAMAR_MODEL_ON_OFF,
          TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS, 0, NULL },
        { "kimi", "kimi-k2.5*",
          TAMAR__MODEL_KIMI | TAMAR_MODEL_NO_SAMPLING | TAMAR_MODEL_REPLAYS | TAMAR_MODEL_THINKING_TYPE |
              TAMAR_MODEL_ON_OFF,
          TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS, 0, NULL },
        { "kimi", "kimi-k2-thinking*", TAMAR__MODEL_KIMI | TAMAR_MODEL_REPLAYS, 0, 0, NULL },
        { "kimi", "*", TAMAR__MODEL_KIMI, 0, 0, NULL },
        { "minimax", "*", TAMAR_MODEL_UNIT_TEMPERATURE | TAMAR_MODEL_REASONING_SPLIT, 0, 0, NULL },
        { "siliconflow", "*-thinking*,*r1*,*qwq*", TAMAR_MODEL_TOP_K | TAMAR_MODEL_BUDGET, TAMAR__MODEL_BUDGETS, 0,
          NULL },
        { "siliconflow", "*instruct-2507*,*coder*", TAMAR_MODEL_TOP_K, 0, 0, NULL },
        { "siliconflow", "*qwen3-*,*hunyuan-a13b*,*glm-4.5*,*glm-4.6*,*glm-4.7*,*glm-5*,*deepseek-v3.*,*deepseek-v4*",
          TAMAR_MODEL_TOP_K | TAMAR__MODEL_SWITCH, TAMAR__MODEL_OFF | TAMAR__MODEL_BUDGETS, 0, NULL },
        { "siliconflow", "*", TAMAR_MODEL_TOP_K, 0, 0, NULL },
    };
#undef TAMAR__MODEL_FIXED
#undef TAMAR__MODEL_LOOSE
#undef TAMAR__MODEL_CLAUDE
#undef TAMAR__MODEL_BUDGETED
#undef TAMAR__MODEL_LEVELS
#undef TAMAR__MODEL_SIGNED
#undef TAMAR__MODEL_FOURTH
#undef TAMAR__MODEL_SEEK
#undef TAMAR__MODEL_ROUTED
#undef TAMAR__MODEL_BUDGETS
#undef TAMAR__MODEL_SWITCH
#undef TAMAR__MODEL_ERNIE
#undef TAMAR__MODEL_QWEN
#undef TAMAR__MODEL_GLM
#undef TAMAR__MODEL_KIMI
    *count = sizeof rows / sizeof *rows;
    return rows;
}

static const tamar_model_profile *tamar__model_profile_of(const tamar_model_profile *own, size_t own_count,
                                                          const tamar_provider *p, tamar_str model)
{
    static const tamar_model_profile unknown = {
        NULL, "*", 0, TAMAR__MODEL_OFF | TAMAR__MODEL_MINIMAL | TAMAR__MODEL_LMH, 0, NULL
    };
    size_t i, count;
    const tamar_model_profile *rows = tamar__model_profiles(&count);
    for (i = 0; p->family && i < own_count + count; i++) {
        const tamar_model_profile *row = i < own_count ? &own[i] : &rows[i - own_count];
        if (row->family && !strcmp(row->family, p->family) && tamar__model_listed(row->models, model)) return row;
    }
    return &unknown;
}

// -- rows and profiles from JSON -------------------------------------------------------------------

typedef struct tamar__model_word {
    const char *name;  // of the enumerator; in JSON it stands in lower case
    uint64_t value;
} tamar__model_word;

static const tamar__model_word *tamar__model_quirk_words(size_t *count)
{
#define X(name) { #name, TAMAR_QUIRK_##name }
    static const tamar__model_word words[] = {
        X(DEVELOPER_ROLE), X(MAX_COMPLETION_TOKENS), X(FOUR_STOPS), X(NO_STREAM_OPTIONS), X(OBFUSCATION),
        X(RANDOM_SEED), X(TOOL_CHOICE_ANY), X(TOOL_RESULT_NAME), X(EMPTY_CONTENT), X(REASONING_CONTENT), X(REASONING),
        X(REASONING_DETAILS), X(NO_SCHEMA), X(NO_TOOLS), X(NO_STOP), X(NO_PENALTIES), X(NO_SEED), X(STRING_IMAGE),
        X(NO_PARALLEL), X(USER_ID), X(NO_USER), X(NO_LOGPROBS), X(KEY_OPTIONAL), X(RESPONSES), X(SAFETY_IDENTIFIER),
        X(IDEMPOTENCY), X(THINKING_SWITCH), X(NO_NAME), X(REASONING_OBJECT), X(LOGPROBS_COUNT), X(FLAT_FILE),
        X(VERSION_2026), X(VERTEX), X(REQUEST_ID), X(STRICT_SCHEMA),
    };
#undef X
    *count = sizeof words / sizeof *words;
    return words;
}

static const tamar__model_word *tamar__model_flag_words(size_t *count)
{
#define X(name) { #name, TAMAR_MODEL_##name }
    static const tamar__model_word words[] = {
        X(REASONS), X(NO_SAMPLING), X(SAMPLES_WHEN_OFF), X(NO_STOP), X(TOOLS_NEED_OFF), X(NO_FORCED_TOOL), X(BUDGET),
        X(NO_SCHEMA), X(TEMPLATE_THINKING), X(PLAIN_SCHEMA), X(NO_IMAGES), X(OFF_BY_DEFAULT), X(ENABLE_THINKING),
        X(THINKING_TYPE), X(ON_OFF), X(STREAM_TO_THINK), X(TOP_K), X(UNIT_TEMPERATURE), X(NO_JSON_MODE), X(STOP_ONE),
        X(STOP_FOUR_SHORT), X(STOP_FIVE_SHORT), X(TOOL_AUTO), X(NO_NAMED_TOOL), X(RAW_IMAGE), X(NO_IMAGE_URL),
        X(NO_FREQUENCY), X(CACHE_MARKS), X(REPLAYS), X(REASONING_SPLIT), X(BLANK_CONTENT),
        X(ADAPTIVE), X(EFFORT_TOO), X(BETWEEN_TOOLS), X(NO_PREFILL), X(MID_SYSTEM), X(ONE_SAMPLING), X(SIGNED_CALLS),
        X(NO_PENALTIES), X(NO_SYSTEM), X(PREDICT), X(EMBEDS_ONE), X(MIXED), X(COMPLETION_TOKENS),
    };
#undef X
    *count = sizeof words / sizeof *words;
    return words;
}

static const tamar__model_word *tamar__model_effort_words(size_t *count)
{
#define X(name) { #name, (uint32_t)TAMAR__MODEL_##name }
    static const tamar__model_word words[] = { X(OFF), X(MINIMAL), X(LOW), X(MEDIUM), X(HIGH), X(XHIGH), X(MAX) };
#undef X
    *count = sizeof words / sizeof *words;
    return words;
}

typedef struct tamar__model_table {
    tamar__arena *arena;
    tamar_provider *rows;
    size_t row_count;
    tamar_model_profile *profiles;
    size_t profile_count;
    const char *bad;  // what is wrong
    const char *where;  // the place in the text
} tamar__model_table;

static void tamar__model_table_bad(tamar__model_table *t, const char *why, tamar_json at)
{
    if (t->bad) return;
    t->bad = why;
    t->where = at.ptr;
}

// A text, or a list of texts joined; null is none.
static const char *tamar__model_table_text(tamar__model_table *t, tamar_json v, char between, const char *why)
{
    tamar__str_buf b;
    tamar_json_iter it;
    tamar_json key, item;
    tamar_str text;
    tamar_json_type type = tamar_json_type_of(v);
    if (type == TAMAR_JSON_NULL) return NULL;
    if (type != TAMAR_JSON_STRING && !(type == TAMAR_JSON_ARRAY && between)) {
        tamar__model_table_bad(t, why, v);
        return NULL;
    }
    tamar__str_init(&b, t->arena, SIZE_MAX / 2);
    tamar__str_put(&b, "", 0);
    it = tamar_json_iterate(v);
    item = v;
    if (type == TAMAR_JSON_ARRAY && !tamar_json_next(&it, &key, &item)) return NULL;
    do {
        if (tamar_json_type_of(item) != TAMAR_JSON_STRING) tamar__model_table_bad(t, why, item);
        else {
            text = tamar__json_text(t->arena, item);
            if (!text.ptr) break;
            if (memchr(text.ptr, 0, text.len)) tamar__model_table_bad(t, why, item);
            if (b.len) tamar__str_putc(&b, between);
            tamar__str_put(&b, text.ptr, text.len);
        }
    } while (!t->bad && type == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &item));
    if (!t->bad && (b.full || !b.ptr || (b.len == 0 && item.len > 2))) t->bad = tamar__base_no_memory();
    return b.ptr;
}

// A list of words as a set.
static uint64_t tamar__model_table_words(tamar__model_table *t, tamar_json v, const tamar__model_word *words,
                                         size_t count, const char *why)
{
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, item;
    uint64_t set = 0;
    size_t i, k, n;
    char word[32];
    if (tamar_json_type_of(v) != TAMAR_JSON_ARRAY) {
        tamar__model_table_bad(t, why, v);
        return 0;
    }
    while (tamar_json_next(&it, &key, &item)) {
        bool lower = tamar_json_get_string(item, word, sizeof word, &n) == TAMAR_JSON_OK && n < sizeof word;
        for (k = 0; lower && k < n; k++) lower = word[k] < 'A' || word[k] > 'Z';
        for (i = 0; lower && i < count && !tamar__str_is_nocase(tamar__str_make(word, n), words[i].name); i++) {}
        if (lower && i < count) set |= words[i].value;
        else tamar__model_table_bad(t, why, item);
    }
    return set;
}

static void tamar__model_table_provider(tamar__model_table *t, tamar_json v, tamar_provider *p)
{
    static const char *const names[] = { "name",   "aliases", "api",  "base_url", "key_env", "base_url_env",
                                         "models", "family",  "auth", "headers",  NULL };
    static const char *const whys[] = {
        "desc.table: a provider's name is not a text",         "desc.table: a provider's aliases are not texts",
        "desc.table: a provider's api is not a text",          "desc.table: a provider's base_url is not a text",
        "desc.table: a provider's key_env are not texts",      "desc.table: a provider's base_url_env are not texts",
        "desc.table: a provider's models are not texts",       "desc.table: a provider's family is not a text",
        "desc.table: a provider's auth is not a text",         "desc.table: a provider's headers are not texts"
    };
    static const char between[] = { 0, ',', 0, 0, ',', ',', ',', 0, 0, '\n' };
    const char **slots[10];
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, item;
    const tamar__model_word *words;
    size_t i, count;
    slots[0] = &p->name, slots[1] = &p->aliases, slots[2] = &p->api, slots[3] = &p->base_url, slots[4] = &p->key_env;
    slots[5] = &p->base_url_env, slots[6] = &p->models, slots[7] = &p->family, slots[8] = &p->auth;
    slots[9] = &p->headers;
    if (tamar_json_type_of(v) != TAMAR_JSON_OBJECT) {
        tamar__model_table_bad(t, "desc.table: a provider is not an object", v);
        return;
    }
    while (!t->bad && tamar_json_next(&it, &key, &item)) {
        for (i = 0; names[i] && !tamar_json_is(key, names[i]); i++) {}
        if (names[i]) *slots[i] = tamar__model_table_text(t, item, between[i], whys[i]);
        else if (tamar_json_is(key, "quirks")) {
            words = tamar__model_quirk_words(&count);
            p->quirks = tamar__model_table_words(t, item, words, count,
                                                 "desc.table: a provider's quirks hold a word that is not known");
        }
        else tamar__model_table_bad(t, "desc.table: a provider has a member that is not known", key);
    }
    if (!p->name || !*p->name) tamar__model_table_bad(t, "desc.table: a provider has no name", v);
    else if (p->name[strcspn(p->name, "/,* \t\r\n")])
        tamar__model_table_bad(t, "desc.table: a provider's name holds a slash, a comma, a star or a space", v);
    if (!p->api) p->api = "openai-chat";
}

static void tamar__model_table_profile(tamar__model_table *t, tamar_json v, tamar_model_profile *p)
{
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, item;
    const tamar__model_word *words;
    size_t count;
    int64_t n;
    if (tamar_json_type_of(v) != TAMAR_JSON_OBJECT) {
        tamar__model_table_bad(t, "desc.table: a model is not an object", v);
        return;
    }
    while (!t->bad && tamar_json_next(&it, &key, &item))
        if (tamar_json_is(key, "family"))
            p->family = tamar__model_table_text(t, item, 0, "desc.table: a model's family is not a text");
        else if (tamar_json_is(key, "models"))
            p->models = tamar__model_table_text(t, item, ',', "desc.table: a model's models are not texts");
        else if (tamar_json_is(key, "instead"))
            p->instead = tamar__model_table_text(t, item, 0, "desc.table: a model's instead is not a text");
        else if (tamar_json_is(key, "flags")) {
            words = tamar__model_flag_words(&count);
            p->flags = tamar__model_table_words(t, item, words, count,
                                                "desc.table: a model's flags hold a word that is not known");
        }
        else if (tamar_json_is(key, "efforts")) {
            words = tamar__model_effort_words(&count);
            p->efforts = (uint32_t)tamar__model_table_words(t, item, words, count,
                                                  "desc.table: a model's efforts hold a word that is not known");
        }
        else if (tamar_json_is(key, "max_tokens")) {
            if (tamar_json_get_int(item, &n) == TAMAR_JSON_OK && n >= 0 && n <= INT32_MAX) p->max_tokens = (int)n;
            else tamar__model_table_bad(t, "desc.table: a model's max_tokens is not a number of tokens", item);
        }
        else tamar__model_table_bad(t, "desc.table: a model has a member that is not known", key);
    if (!p->family) tamar__model_table_bad(t, "desc.table: a model has no family", v);
    if (!p->models) tamar__model_table_bad(t, "desc.table: a model has no models: give globs, e.g. \"*\"", v);
}

// Rows and profiles out of JSON text, into the arena. False: t says what is wrong, and where.
static bool tamar__model_table_load(tamar__model_table *t, const char *text)
{
    tamar_json root, key, value, item, inner;
    tamar_json_error why;
    tamar_json_iter it, each;
    size_t n;
    if (!tamar_json_parse(text, strlen(text), &root, &why)) {
        t->bad = "desc.table is not valid JSON";
        t->where = text + why.offset;
        return false;
    }
    if (tamar_json_type_of(root) != TAMAR_JSON_OBJECT) tamar__model_table_bad(t, "desc.table is not an object", root);
    it = tamar_json_iterate(root);
    while (!t->bad && tamar_json_next(&it, &key, &value)) {
        bool providers = tamar_json_is(key, "providers");
        if (!providers && !tamar_json_is(key, "models")) {
            tamar__model_table_bad(t, "desc.table has a member that is not known: it takes providers and models", key);
            break;
        }
        if (tamar_json_type_of(value) != TAMAR_JSON_ARRAY) {
            tamar__model_table_bad(t, "desc.table: providers and models are lists", value);
            break;
        }
        n = tamar_json_count(value);
        if (!n) continue;
        if (providers) t->rows = (tamar_provider *)tamar__arena_get(t->arena, n * sizeof *t->rows);
        else t->profiles = (tamar_model_profile *)tamar__arena_get(t->arena, n * sizeof *t->profiles);
        if (providers ? !t->rows : !t->profiles) {
            t->bad = tamar__base_no_memory();
            break;
        }
        if (providers) t->row_count = 0;
        else t->profile_count = 0;
        each = tamar_json_iterate(value);
        while (!t->bad && tamar_json_next(&each, &inner, &item))
            if (providers) tamar__model_table_provider(t, item, &t->rows[t->row_count++]);
            else tamar__model_table_profile(t, item, &t->profiles[t->profile_count++]);
    }
    return !t->bad;
}

// Row number i of those that count: of two with one name the first. NULL: there are no more.
static const tamar_provider *tamar__model_row_at(const tamar_provider *own, size_t own_count, size_t index)
{
    size_t i, k, count;
    const tamar_provider *rows = tamar__model_rows(&count);
    for (i = 0; i < own_count + count; i++) {
        const tamar_provider *p = i < own_count ? &own[i] : &rows[i - own_count];
        bool shadowed = !p->name;
        for (k = 0; k < i && !shadowed; k++) {
            const char *before = k < own_count ? own[k].name : rows[k - own_count].name;
            shadowed = before && tamar__str_is_nocase(tamar__str_z(p->name), before);
        }
        if (!shadowed && !index--) return p;
    }
    return NULL;
}

// "provider/model" or a bare name. NULL, or what is wrong with it.
static const char *tamar__model_resolve(const tamar_desc *desc, tamar_str name, bool has_base_url, bool model_needed,
                                        tamar__model_target *t)
{
    const tamar_provider *own = desc->providers;
    const char *slash = name.len ? (const char *)memchr(name.ptr, '/', name.len) : NULL;
    size_t i, count, own_count = desc->provider_count;
    const tamar_provider *rows = tamar__model_rows(&count), *p = NULL;
    t->model = name;
    if (!name.len) return "request.model is missing: name one as \"provider/model\", or set desc.default_model";
    for (i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F) return "request.model holds a control byte";
    if (slash) {
        p = tamar__model_provider(own, own_count, tamar__str_make(name.ptr, (size_t)(slash - name.ptr)));
        if (p) t->model = tamar__str_make(slash + 1, name.len - (size_t)(slash - name.ptr) - 1);
        if (p && !t->model.len && model_needed) return "request.model has nothing behind the slash";
    }
    if (!p && has_base_url) p = tamar__model_provider(own, own_count, tamar__str_z("custom"));
    for (i = 0; !p && !slash && i < own_count + count; i++) {
        const tamar_provider *row = i < own_count ? &own[i] : &rows[i - own_count];
        if (tamar__model_listed(row->models, name)) p = row;
    }
    if (!p)
        return slash
                   ? "request.model names a provider that is not known: register it with desc.providers, or "
                     "set desc.base_url for an "
                     "OpenAI-compatible server"
                   : "request.model: no provider is known for this bare name: write \"provider/model\", or "
                     "set desc.base_url";
    t->provider = p;
    t->profile = tamar__model_profile_of(desc->models, desc->model_count, p, t->model);
    t->base = tamar__str_make("", 0);
    return NULL;
}

// The nearest lower level that the model has, else the nearest higher one.
static tamar_effort tamar__model_effort(const tamar_model_profile *profile, tamar_effort wanted)
{
    int e;
    for (e = (int)wanted; e >= (int)TAMAR_EFFORT_OFF; e--)
        if (profile->efforts & 1u << e) return (tamar_effort)e;
    for (e = (int)wanted; e <= (int)TAMAR_EFFORT_MAX; e++)
        if (profile->efforts & 1u << e) return (tamar_effort)e;
    return TAMAR_EFFORT_DEFAULT;
}

// =================================================================================================
// >>talk  messages, parts, warnings: validation | uses: base arena str json model
// What must be true of a request before any dialect sees it, with an error that names the field; and the list of
// warnings that says what a dialect had to change.
// =================================================================================================

typedef struct tamar__talk_notes {
    tamar__arena *arena;
    tamar_warning *list;
    size_t count, cap;
    uint32_t said;  // one bit a kind, so that each is said once
} tamar__talk_notes;

// text is a constant.
static void tamar__talk_warn(tamar__talk_notes *n, const char *code, const char *text)
{
    size_t i;
    for (i = 0; i < n->count; i++)
        if (n->list[i].message == text || !strcmp(n->list[i].message, text)) return;
    if (n->count == n->cap) {
        size_t cap = n->cap ? n->cap * 2 : 4;
        tamar_warning *list = (tamar_warning *)tamar__arena_resize(n->arena, n->list, cap * sizeof *list);
        if (!list) return;
        n->list = list;
        n->cap = cap;
    }
    n->list[n->count].code = code;
    n->list[n->count].message = text;
    n->count++;
}

// JSON of this type (MISSING: any) and nothing but UTF-8: it is copied as it is.
static bool tamar__talk_json_ok(tamar_str text, tamar_json_type wanted)
{
    tamar_json v;
    if (!tamar_json_parse(text.ptr, text.len, &v, NULL) || (wanted && tamar_json_type_of(v) != wanted)) return false;
    return tamar__str_utf8_span(text.ptr, text.ptr + text.len) == text.len;
}

static bool tamar__talk_object_ok(const char *text)
{
    return tamar__talk_json_ok(tamar__str_z(text), TAMAR_JSON_OBJECT);
}

// not NaN, not infinite
static bool tamar__talk_number_ok(tamar_opt_double v) { return !v.set || v.value - v.value == 0; }

static bool tamar__talk_name_ok(const char *name)
{
    size_t i, n = name ? strlen(name) : 0;
    for (i = 0; i < n; i++) {
        char c = name[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
              c == '.' || c == ':'))
            return false;
    }
    return n >= 1 && n <= 128;
}

// The parts of a message, whichever form it has; one is room for the simple form.
static const tamar_part *tamar__talk_parts(const tamar_message *m, tamar_part *one, size_t *count)
{
    *count = m->part_count;
    if (m->part_count || !m->text) return m->parts;
    memset(one, 0, sizeof *one);
    one->text = tamar__str_z(m->text);
    *count = 1;
    return one;
}

// NULL, or the field that is wrong and how to mend it.
static const char *tamar__talk_check(const tamar_request *rq)
{
    size_t i, k;
    if ((int)rq->kind < 0 || rq->kind > TAMAR_KIND_BATCH) return "request.kind is out of range";
    if (rq->kind == TAMAR_KIND_EMBEDDINGS && !rq->prompt && !rq->input_count)
        return "request has neither inputs nor prompt to embed";
    if (rq->kind == TAMAR_KIND_BATCH && !rq->prompt && !rq->input_count)
        return "request has neither inputs nor prompt for a batch";
    if ((rq->kind == TAMAR_KIND_CHAT || rq->kind == TAMAR_KIND_IMAGES || rq->kind == TAMAR_KIND_TOKENS) &&
        !rq->prompt && !rq->message_count)
        return "request has neither prompt nor messages";
    if (rq->input_count && !rq->inputs) return "request.input_count is set but request.inputs is NULL";
    for (i = 0; i < rq->input_count; i++)
        if (!rq->inputs[i] || !*rq->inputs[i]) return "request.inputs: an entry is empty";
    if (rq->message_count && !rq->messages) return "request.message_count is set but request.messages is NULL";
    if (rq->tool_count && !rq->tools) return "request.tool_count is set but request.tools is NULL";
    if (rq->stop_count && !rq->stop) return "request.stop_count is set but request.stop is NULL";
    for (i = 0; i < rq->message_count; i++) {
        const tamar_message *m = &rq->messages[i];
        if ((int)m->role < 0 || m->role > TAMAR_ROLE_TOOL) return "request.messages: a role is out of range";
        if (m->part_count && !m->parts) return "request.messages: part_count is set but parts is NULL";
        for (k = 0; m->role == TAMAR_ROLE_TOOL && k < m->part_count && m->parts[k].type != TAMAR_PART_TOOL_RESULT;
             k++) {
        }
        if (m->role == TAMAR_ROLE_TOOL && k == m->part_count)
            return "request.messages: a message of role tool needs a part of type TAMAR_PART_TOOL_RESULT";
        for (k = 0; k < m->part_count; k++) {
            const tamar_part *p = &m->parts[k];
            if ((int)p->type < 0 || p->type > TAMAR_PART_OPAQUE)
                return "request.messages: a part's type is out of range";
            if (p->opaque.len && !tamar__talk_json_ok(p->opaque, TAMAR_JSON_MISSING))
                return "request.messages: a part's opaque is not JSON";
            if (p->type == TAMAR_PART_TOOL_CALL && !p->name.len) return "request.messages: a tool call has no name";
            if (p->type == TAMAR_PART_TOOL_RESULT && !p->id.len)
                return "request.messages: a tool result has no id: copy that of the call";
            if (p->type >= TAMAR_PART_IMAGE && p->type <= TAMAR_PART_FILE && !p->url.len && !p->data.len &&
                !p->id.len && !p->opaque.len)
                return "request.messages: a media part has neither url, data nor id";
        }
    }
    for (i = 0; i < rq->tool_count; i++) {
        const tamar_tool *t = &rq->tools[i];
        if (t->raw) {
            if (!tamar__talk_object_ok(t->raw)) return "request.tools: raw is not a JSON object";
            continue;
        }
        if (!tamar__talk_name_ok(t->name)) return "request.tools: a name must be 1 to 128 of A-Z a-z 0-9 _ - . :";
        if (t->parameters && !tamar__talk_object_ok(t->parameters))
            return "request.tools: parameters is not a JSON object";
    }
    if (rq->tool_choice == TAMAR_TOOL_CHOICE_NAMED && !rq->tool_name)
        return "request.tool_name is missing for TAMAR_TOOL_CHOICE_NAMED";
    if (rq->format == TAMAR_FORMAT_SCHEMA) {
        if (!rq->schema) return "request.schema is missing for TAMAR_FORMAT_SCHEMA";
        if (!tamar__talk_object_ok(rq->schema)) return "request.schema is not a JSON object";
    }
    if (rq->extra && !tamar__talk_object_ok(rq->extra)) return "request.extra is not a JSON object";
    if (rq->metadata && !tamar__talk_object_ok(rq->metadata)) return "request.metadata is not a JSON object";
    if (rq->max_tokens < 0) return "request.max_tokens is negative";
    if (!tamar__talk_number_ok(rq->temperature) || !tamar__talk_number_ok(rq->top_p) ||
        !tamar__talk_number_ok(rq->frequency_penalty) || !tamar__talk_number_ok(rq->presence_penalty))
        return "request: temperature, top_p or a penalty is not a finite number";
    for (i = 0; i < rq->stop_count; i++)
        if (!rq->stop[i] || !*rq->stop[i]) return "request.stop: an entry is empty";
    return NULL;
}

// =================================================================================================
// >>dialect  neutral model <-> provider JSON, one part each | uses: log str arena json url sse policy model talk base
// A dialect is a table of functions: write a request, take one record of a stream, take one whole document. They
// know nothing of HTTP, time or calls. Writing obeys the provider's row; reading does not need it: one decoder
// understands every server of its family by the shape of what it sends.
//
// The first part is what all dialects share. A decoder owns the response while it grows: three texts (answer,
// reasoning, refusal), the tool calls, and the pieces, which are the order in which they came. Events are not
// queued; they are the difference between what has grown and what was delivered.
// =================================================================================================

#define TAMAR__DIALECT_HEAD_ROOM 512  // bytes in front of a body, for the HTTP head
#define TAMAR__DIALECT_ERROR_BODY (256 * 1024)  // no more is kept of the body of a refusal

// -- growing responses -----------------------------------------------------------------------------

typedef struct tamar__dialect_call {
    tamar_str id, name, extra;
    tamar__str_buf arguments;
    tamar__json_carry carry;
    int64_t index;  // on the wire; -1 none
    size_t delivered;
    bool announced, custom, whole;
} tamar__dialect_call;

typedef struct tamar__dialect_piece {
    tamar_part_type type;
    size_t from, len, delivered;  // of its text
    tamar__dialect_call *call;
    tamar_str opaque;
    bool closed;  // text that follows begins a piece of its own
} tamar__dialect_piece;

// The last record's shape: its bytes in front of, between and behind the slots that may differ.
typedef struct tamar__dialect_memo {
    tamar__str_buf bytes;  // the whole record with its line end and blank line
    uint32_t slot[2][2];  // begin and end of each slot in bytes, without the quotes
    uint8_t slots;
    uint8_t content;  // which slot carries the text; the other one is padding
    uint8_t misses;
    tamar_part_type type;
} tamar__dialect_memo;

typedef enum tamar__dialect_mode {
    TAMAR__DIALECT_UNDECIDED,
    TAMAR__DIALECT_STREAM,
    TAMAR__DIALECT_DOCUMENT
} tamar__dialect_mode;

// Where a scan for the elements of one JSON array stands.
typedef struct tamar__dialect_array {
    size_t depth;  // of brackets, the array's own one included
    bool on, inside, quoted, escaped, closed;
} tamar__dialect_array;

enum {  // how the records of a stream are told apart
    TAMAR__DIALECT_EVENTS = 0,
    TAMAR__DIALECT_LINES = 1,  // NDJSON
    TAMAR__DIALECT_ARRAY = 2  // an event stream, or one JSON array whose elements are the records
};

typedef struct tamar__dialect tamar__dialect;

typedef struct tamar__dialect_decoder {
    const tamar__dialect *dialect;
    tamar__arena *arena;
    tamar__dialect_mode mode;
    bool want_stream, keep_raw, discard;
    bool over;  // nothing more is read
    bool done;  // the dialect's terminator came
    bool committed;  // content came
    bool started, heartbeat, body_begun;
    bool no_retry;  // the server said so
    bool settled;  // the tool calls have their last ids and arguments
    bool damaged;  // memory ran out while growing
    bool blocked;  // the prompt was refused by a filter, whatever the word for it
    bool filtered;  // the vendor's filter struck, whatever the finish reason says
    tamar_finish finish_as;  // what the finish reason means, where its dialect knows better than the table
    int effects;  // of the record in hand; one alone, an append, may be remembered
    tamar_json effect, padding;  // the string that was appended; a string that says nothing
    tamar_part_type effect_type;
    int status;
    size_t max_event, max_body;
    uint32_t beats;  // comments already told as heartbeats
    uint64_t records;
    tamar__sse sse;
    tamar__dialect_array array;
    tamar__str_buf body, text, reasoning, refusal, raw, details;
    tamar__json_carry text_carry, reasoning_carry, refusal_carry;
    tamar__dialect_piece *pieces;
    size_t piece_count, piece_cap, first_dirty;
    tamar__dialect_call **calls;
    size_t call_count, call_cap;
    tamar_str id, model, finish_raw, secret;
    int64_t created;
    tamar_usage usage;
    tamar_citation *citations;
    size_t citation_count, citation_cap;
    tamar_image *images;
    size_t image_count, image_cap;
    tamar_embedding *embeddings;
    size_t embedding_count, embedding_cap;
    tamar_model *models;
    size_t model_count, model_cap;
    void *own;  // what a dialect has to remember between records
    tamar__talk_notes notes;
    tamar_error error;
    char retry_after[32], retry_after_ms[16], date[32];  // as the server wrote them; longer ones are nothing
    tamar__dialect_memo memo;
} tamar__dialect_decoder;

#define TAMAR__DIALECT_HEADERS 4

typedef struct tamar__dialect_out {
    tamar_json_writer w;
    tamar__arena *arena;
    const tamar_request *rq;
    const tamar__model_target *to;
    tamar_json extra;
    tamar__talk_notes *notes;
    const char *path;  // the dialect's, unless encode says otherwise
    tamar_header headers[TAMAR__DIALECT_HEADERS];  // that depend on the request; values live in the arena
    size_t header_count;
    const tamar__dialect *dialect;
    const char *refused;  // why this request cannot be sent: names the field and the cure
    bool starved;  // memory ran out on the way: the body must not be sent
} tamar__dialect_out;

struct tamar__dialect {
    const char *name;
    tamar_kind kind;
    // whose requests of this kind it carries: the api of a provider's row, "a,b"; NULL: its own name
    const char *serves;
    const char *method;
    const char *path, *stream_path;  // behind the base URL; {model} is the model's name. stream_path NULL: path
    void (*encode)(tamar__dialect_out *out);
    void (*record)(tamar__dialect_decoder *d, tamar_str event, tamar_str data);  // of a stream
    void (*document)(tamar__dialect_decoder *d, tamar_str json);
    int framing;  // of a stream's records
    bool finish_proves;  // a finish reason and a clean end are proof enough, without a terminator
};

static void tamar__dialect_init(tamar__dialect_decoder *d, const tamar__dialect *dialect, tamar__arena *arena,
                                bool stream, size_t max_event, size_t max_body)
{
    tamar__base_wipe(d, sizeof *d);
    d->dialect = dialect;
    d->arena = arena;
    d->want_stream = stream;
    d->max_event = max_event;
    d->max_body = max_body;
    d->status = 200;
    d->notes.arena = arena;
    tamar__sse_init(&d->sse, arena, max_event, true, dialect->framing == TAMAR__DIALECT_LINES);
    tamar__str_init(&d->body, arena, max_body);
    tamar__str_init(&d->text, arena, SIZE_MAX / 2);
    tamar__str_init(&d->reasoning, arena, SIZE_MAX / 2);
    tamar__str_init(&d->refusal, arena, SIZE_MAX / 2);
    tamar__str_init(&d->raw, arena, SIZE_MAX / 2);
    tamar__str_init(&d->details, arena, SIZE_MAX / 2);
    tamar__str_init(&d->memo.bytes, arena, 4096);
    d->error.message = d->error.code = d->error.type = d->error.param = "";
    d->error.request_id = d->error.id = d->error.origin_id = "";
}

// A decoder that has read nothing yet takes another dialect.
static void tamar__dialect_become(tamar__dialect_decoder *d, const tamar__dialect *dialect)
{
    d->dialect = dialect;
    d->sse.lines = dialect->framing == TAMAR__DIALECT_LINES;
}

// The first error stays. message is a constant or lives in the arena.
static void tamar__dialect_fail(tamar__dialect_decoder *d, tamar_category category, const char *message)
{
    d->over = true;
    if (d->error.category != TAMAR_OK) return;
    d->error.category = category;
    d->error.message = message;
    d->error.http_status = d->status;
    d->error.retryable = tamar__policy_retryable(category, d->status);
}

static const char *tamar__dialect_keep(tamar__dialect_decoder *d, tamar_str text, size_t max)
{
    tamar__str_buf b;
    tamar__str_init(&b, d->arena, SIZE_MAX / 2);
    tamar__log_clean(&b, text, max, d->secret);
    return b.ptr && !b.full ? b.ptr : "";
}

// Fails with a message made of a constant and foreign text.
static void tamar__dialect_fail_with(tamar__dialect_decoder *d, tamar_category category, const char *what,
                                     tamar_str text)
{
    tamar__str_buf b;
    tamar__str_init(&b, d->arena, SIZE_MAX / 2);
    tamar__str_puts(&b, what);
    tamar__log_clean(&b, tamar__str_trim(text), 200, d->secret);
    if (!b.full) what = b.ptr;
    tamar__dialect_fail(d, category, *what ? what : "the server refused the request");
}

// Room for one more in a list of such elements: the list, or NULL when memory is out (the list stays).
static void *tamar__dialect_grown(tamar__dialect_decoder *d, void *list, size_t count, size_t *cap, size_t size)
{
    size_t more = *cap ? *cap * 2 : 2;
    void *grown;
    if (count < *cap) return list;
    if (*cap <= 2) {  // the first two stand in a chunk of the arena
        grown = *cap ? tamar__arena_resize(d->arena, NULL, more * size) : tamar__arena_raw(d->arena, more * size);
        if (grown && *cap) memcpy(grown, list, count * size);
    }
    else grown = tamar__arena_resize(d->arena, list, more * size);
    if (grown) *cap = more;
    else d->damaged = true;
    return grown;
}

static tamar__dialect_piece *tamar__dialect_piece_add(tamar__dialect_decoder *d, tamar_part_type type)
{
    tamar__dialect_piece *p = (tamar__dialect_piece *)tamar__dialect_grown(d, d->pieces, d->piece_count,
                                                                           &d->piece_cap, sizeof *p);
    if (!p) return NULL;
    d->pieces = p;
    p = &d->pieces[d->piece_count++];
    memset(p, 0, sizeof *p);
    p->type = type;
    return p;
}

static tamar__str_buf *tamar__dialect_text_of(tamar__dialect_decoder *d, tamar_part_type type)
{
    return type == TAMAR_PART_REASONING ? &d->reasoning : type == TAMAR_PART_REFUSAL ? &d->refusal : &d->text;
}

static tamar__json_carry *tamar__dialect_carry_of(tamar__dialect_decoder *d, tamar_part_type type)
{
    return type == TAMAR_PART_REASONING ? &d->reasoning_carry
           : type == TAMAR_PART_REFUSAL ? &d->refusal_carry
                                        : &d->text_carry;
}

// The piece that text of this type goes on in: the last one, or a new one.
static tamar__dialect_piece *tamar__dialect_open(tamar__dialect_decoder *d, tamar_part_type type)
{
    tamar__dialect_piece *p = d->piece_count ? &d->pieces[d->piece_count - 1] : NULL;
    if (p && p->type == type && !p->closed) return p;
    p = tamar__dialect_piece_add(d, type);
    if (p) p->from = tamar__dialect_text_of(d, type)->len;
    return p;
}

// Appends what a JSON string says to the answer, the reasoning or the refusal.
static void tamar__dialect_append(tamar__dialect_decoder *d, tamar_part_type type, tamar_json string)
{
    tamar__str_buf *text = tamar__dialect_text_of(d, type);
    tamar__dialect_piece *p;
    size_t before = text->len;
    if (string.len <= 2 || d->damaged) return;  // behind a gap nothing more is put
    p = tamar__dialect_open(d, type);
    if (!p || !tamar__json_append(text, string, tamar__dialect_carry_of(d, type))) {
        d->damaged = true;
        return;
    }
    p->len += text->len - before;
    d->committed = true;
    d->effects++;
    d->effect = string;
    d->effect_type = type;
}

// The same for JSON that is itself the text (an object where a string should be).
static void tamar__dialect_append_raw(tamar__dialect_decoder *d, tamar_part_type type, tamar_json value)
{
    tamar__str_buf *text = tamar__dialect_text_of(d, type);
    tamar__dialect_piece *p = d->damaged ? NULL : tamar__dialect_open(d, type);
    size_t before = text->len;
    if (!p || !tamar__json_append_bytes(text, value.ptr, value.len, tamar__dialect_carry_of(d, type))) {
        d->damaged = true;
        return;
    }
    p->len += text->len - before;
    d->committed = true;
    d->effects += 2;
}

// A part that only its vendor understands: kept in its place, byte for byte.
TAMAR__BASE_UNUSED static void tamar__dialect_opaque(tamar__dialect_decoder *d, tamar_json value)
{
    tamar__dialect_piece *p = tamar__dialect_piece_add(d, TAMAR_PART_OPAQUE);
    char *copy = p ? tamar__arena_copy(d->arena, value.ptr, value.len) : NULL;
    d->effects += 2;
    if (!copy) d->damaged = true;
    else p->opaque = tamar__str_make(copy, value.len);
}

// What a dialect remembers between records: zeroed when it first asks. NULL: memory is out.
TAMAR__BASE_UNUSED static void *tamar__dialect_own(tamar__dialect_decoder *d, size_t size)
{
    if (!d->own) d->own = tamar__arena_get(d->arena, size);
    if (!d->own) d->damaged = true;
    return d->own;
}

static tamar__dialect_call *tamar__dialect_call_add(tamar__dialect_decoder *d, int64_t index)
{
    tamar__dialect_call *c, **list;
    tamar__dialect_piece *p;
    if (d->call_count >= 1024) {
        tamar__talk_warn(&d->notes, "tool_calls", "more than 1024 tool calls came; the rest was dropped");
        return NULL;
    }
    list = (tamar__dialect_call **)tamar__dialect_grown(d, d->calls, d->call_count, &d->call_cap, sizeof *list);
    if (!list) return NULL;
    d->calls = list;
    c = (tamar__dialect_call *)tamar__arena_get(d->arena, sizeof *c);
    p = c ? tamar__dialect_piece_add(d, TAMAR_PART_TOOL_CALL) : NULL;
    if (!p) {
        d->damaged = true;
        return NULL;
    }
    tamar__str_init(&c->arguments, d->arena, d->max_body);
    c->index = index;
    p->call = c;
    d->calls[d->call_count++] = c;
    d->committed = true;
    return c;
}

static void tamar__dialect_cite(tamar__dialect_decoder *d, tamar_json url, tamar_json title)
{
    size_t i;
    tamar_str u;
    tamar_citation *list;
    if (tamar_json_type_of(url) != TAMAR_JSON_STRING || url.len <= 2) return;
    for (i = 0; i < d->citation_count; i++)
        if (tamar_json_is(url, d->citations[i].url.ptr)) return;
    if (d->citation_count >= 1024) return;
    list = (tamar_citation *)tamar__dialect_grown(d, d->citations, d->citation_count, &d->citation_cap, sizeof *list);
    if (!list) return;
    d->citations = list;
    u = tamar__json_text(d->arena, url);
    if (!u.ptr) {
        d->damaged = true;
        return;
    }
    d->citations[d->citation_count].url = u;
    u = tamar__json_text(d->arena, title);
    if (!u.ptr && tamar_json_type_of(title) == TAMAR_JSON_STRING) d->damaged = true;
    d->citations[d->citation_count++].title = u.ptr ? u : tamar__str_make("", 0);
}

// An empty image, to be filled in. NULL: memory is out.
static tamar_image *tamar__dialect_image_add(tamar__dialect_decoder *d)
{
    tamar_image *image = (tamar_image *)tamar__dialect_grown(d, d->images, d->image_count, &d->image_cap,
                                                             sizeof *image);
    if (!image) return NULL;
    d->images = image;
    image = &d->images[d->image_count++];
    image->url = image->data = image->mime_type = tamar__str_make("", 0);
    d->committed = true;
    d->effects += 2;
    return image;
}

// The text of a JSON string, or nothing.
static tamar_str tamar__dialect_text(tamar__dialect_decoder *d, tamar_json v)
{
    tamar_str text = tamar__str_make("", 0);
    if (tamar_json_type_of(v) != TAMAR_JSON_STRING || v.len <= 2) return text;
    text = tamar__json_text(d->arena, v);
    if (text.ptr) return text;
    d->damaged = true;
    return tamar__str_make("", 0);
}

// An image by URL; a data: URL is taken apart.
static void tamar__dialect_image(tamar__dialect_decoder *d, tamar_json url)
{
    tamar_str u = tamar__dialect_text(d, url);
    tamar_image *image = u.len ? tamar__dialect_image_add(d) : NULL;
    if (!image) return;
    if (tamar__str_starts(u, "data:")) {
        size_t comma = tamar__str_find(u, ",", false), semicolon = tamar__str_find(u, ";", false);
        if (comma < u.len) {
            size_t n = tamar__base_min(comma, semicolon);
            char *mime = tamar__arena_copy(d->arena, u.ptr + 5, n - 5);
            if (mime) image->mime_type = tamar__str_make(mime, n - 5);
            image->data = tamar__str_make(u.ptr + comma + 1, u.len - comma - 1);
            return;
        }
    }
    image->url = u;
}

// An image as base64.
TAMAR__BASE_UNUSED static void tamar__dialect_image_data(tamar__dialect_decoder *d, tamar_json data, tamar_json mime)
{
    tamar_str text = tamar__dialect_text(d, data);
    tamar_image *image = text.len ? tamar__dialect_image_add(d) : NULL;
    if (!image) return;
    image->data = text;
    image->mime_type = tamar__dialect_text(d, mime);
}

// Can these bytes be little-endian floats of a vector? Small integers read that way are mostly far from any such.
static bool tamar__dialect_are_floats(const tamar__str_buf *bytes)
{
    size_t i, odd = 0;
    if (bytes->len % 4) return false;
    for (i = 3; i < bytes->len; i += 4) {
        uint32_t exponent = ((uint32_t)(unsigned char)bytes->ptr[i] << 1 & 0xFF) |
                            (uint32_t)(unsigned char)bytes->ptr[i - 1] >> 7;
        if (exponent > 127 + 20 || (exponent && exponent < 127 - 60)) odd++;  // beyond a million, below 1e-18
    }
    return odd <= bytes->len / 64;
}

// A vector: an array of numbers, or base64 of little-endian floats or of 8-bit integers. False: it is neither.
TAMAR__BASE_UNUSED static bool tamar__dialect_embedding(tamar__dialect_decoder *d, tamar_json v)
{
    tamar_embedding *e;
    double *values = NULL;
    size_t n = 0, i;
    bool eights = false;
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, item;
    tamar__str_buf bytes;
    tamar__str_init(&bytes, d->arena, SIZE_MAX / 2);
    if (tamar_json_type_of(v) == TAMAR_JSON_ARRAY) n = tamar_json_count(v);
    else if (tamar_json_type_of(v) == TAMAR_JSON_STRING) {
        if (!tamar__str_unbase64(&bytes, tamar__dialect_text(d, v))) return false;
        eights = !tamar__dialect_are_floats(&bytes);
        n = eights ? bytes.len : bytes.len / 4;
        if (eights)
            tamar__talk_warn(&d->notes, "embeddings", "embeddings came as 8-bit integers; they are given as such");
    }
    else return false;
    e = (tamar_embedding *)tamar__dialect_grown(d, d->embeddings, d->embedding_count, &d->embedding_cap, sizeof *e);
    if (e) d->embeddings = e;
    if (e && n) values = (double *)tamar__arena_get(d->arena, n * sizeof *values);
    if (!e || (n && !values)) {
        d->damaged = true;
        return true;
    }
    for (i = 0; i < n; i++) {
        if (eights) values[i] = (double)(bytes.ptr[i] & 0x7F) - (double)(bytes.ptr[i] & 0x80);
        else if (bytes.len) {
            const unsigned char *b = (const unsigned char *)bytes.ptr + 4 * i;
            uint32_t word = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
            float f;
            memcpy(&f, &word, sizeof f);
            values[i] = (double)f;
        }
        else if (!tamar_json_next(&it, &key, &item) || tamar_json_get_double(item, &values[i]) != TAMAR_JSON_OK)
            return false;
    }
    e = &d->embeddings[d->embedding_count++];
    e->values = values;
    e->count = n;
    d->committed = true;
    d->effects += 2;
    return true;
}

// A model that the vendor lists. NULL: memory is out.
TAMAR__BASE_UNUSED static tamar_model *tamar__dialect_model(tamar__dialect_decoder *d, tamar_str id, tamar_json name)
{
    tamar_model *m = (tamar_model *)tamar__dialect_grown(d, d->models, d->model_count, &d->model_cap, sizeof *m);
    if (!m) return NULL;
    d->models = m;
    m = &d->models[d->model_count++];
    memset(m, 0, sizeof *m);
    m->id = id;
    m->name = tamar__dialect_text(d, name);
    d->committed = true;
    d->effects += 2;
    return m;
}

// -- errors in a vendor's own shape ----------------------------------------------------------------

// Numbers and strings alike, as text; anything else is empty.
static const char *tamar__dialect_word(tamar__dialect_decoder *d, tamar_json v)
{
    tamar_json_type t = tamar_json_type_of(v);
    if (t == TAMAR_JSON_NUMBER) return tamar__dialect_keep(d, tamar__str_make(v.ptr, v.len), 64);
    if (t == TAMAR_JSON_STRING) return tamar__dialect_keep(d, tamar__json_text(d->arena, v), 256);
    return "";
}

// The same on the stack: what decides must not depend on memory.
static tamar_str tamar__dialect_short(tamar_json v, char *buffer, size_t size)
{
    size_t n = 0;
    if (tamar_json_type_of(v) == TAMAR_JSON_NUMBER) return tamar__str_make(v.ptr, v.len);
    if (tamar_json_type_of(v) != TAMAR_JSON_STRING) return tamar__str_make("", 0);
    tamar_json_get_string(v, buffer, size, &n);
    return tamar__str_make(buffer, tamar__base_min(n, size - 1));
}

static tamar_json tamar__dialect_first(tamar_json object, const char *const *keys)
{
    tamar_json v;
    for (; *keys; keys++) {
        v = tamar_json_get(object, *keys);
        if (tamar_json_type_of(v) > TAMAR_JSON_NULL && !(tamar_json_type_of(v) == TAMAR_JSON_STRING && v.len == 2))
            return v;
    }
    v.ptr = NULL;
    v.len = 0;
    return v;
}

// FastAPI's [{"loc":..,"msg":"..","type":".."}], or any array of strings or objects: its first message.
static tamar_json tamar__dialect_message_in(tamar_json v)
{
    static const char *const words[] = { "message", "msg", "error", "detail", NULL };
    int depth;
    for (depth = 0; depth < 4; depth++) {
        tamar_json_type t = tamar_json_type_of(v);
        if (t == TAMAR_JSON_ARRAY) v = tamar_json_index(v, 0);
        else if (t == TAMAR_JSON_OBJECT) v = tamar__dialect_first(v, words);
        else break;
    }
    return v;
}

static int64_t tamar__dialect_hint(const tamar__dialect_decoder *d)
{
    return tamar__policy_retry_after(tamar__str_z(d->retry_after_ms), tamar__str_z(d->retry_after),
                                     tamar__str_z(d->date));
}

// What google.rpc's details say: when to come back, the reason's name in place of the type, and whether it is a quota
// that no minute mends.
static bool tamar__dialect_google_details(tamar_json details, int64_t *hint, tamar_json *type)
{
    tamar_json_iter it = tamar_json_iterate(details), inner;
    tamar_json key, item, delay, reason, violation;
    char word[128];
    bool spent = false;
    int64_t ms, n;
    if (tamar_json_type_of(details) != TAMAR_JSON_ARRAY) return false;
    while (tamar_json_next(&it, &key, &item)) {
        if (tamar_json_type_of(item) != TAMAR_JSON_OBJECT) continue;
        delay = tamar_json_get(item, "retryDelay");  // "45.573s"
        if (tamar_json_type_of(delay) == TAMAR_JSON_STRING && delay.len > 3 && delay.ptr[delay.len - 2] == 's' &&
            tamar__policy_milli(tamar__str_make(delay.ptr + 1, delay.len - 3), &ms) && ms <= INT64_C(86400000) &&
            ms > *hint)
            *hint = ms;
        reason = tamar_json_get(item, "reason");
        if (tamar__policy_by_word(tamar__dialect_short(reason, word, sizeof word)) != TAMAR_OK) *type = reason;
        inner = tamar_json_iterate(tamar_json_get(item, "violations"));
        while (tamar_json_next(&inner, &key, &violation)) {
            tamar_str id;
            if (tamar_json_type_of(violation) != TAMAR_JSON_OBJECT) continue;
            id = tamar__dialect_short(tamar_json_get(violation, "quotaId"), word, sizeof word);
            if (tamar__str_find(id, "PerDay", false) < id.len) spent = true;
            if (tamar__json_lenient_int(tamar_json_get(violation, "quotaValue"), &n) && n == 0) spent = true;
        }
    }
    return spent;
}

// Takes an error out of the object that holds it, doc being the document around it. The shapes: {"error":{..}},
// {"error":"..","code":..}, {"message":..}, {"detail":..}, {"error_msg":..}, [{"error":..}]. False: there is none
// in it.
static bool tamar__dialect_vendor_error_in(tamar__dialect_decoder *d, tamar_json source, tamar_json doc, bool refused)
{
    static const char *const texts[] = { "message", "msg",    "error_msg", "detail",     "error_description",
                                         "error",   "errors", "title",     "status_msg", NULL };
    static const char *const ids[] = { "request_id", "requestId", NULL };
    static const char *const codes[] = { "code", "error_code", "status_code", "statusCode", NULL };
    tamar_json message, code, type;
    tamar_str text;
    char code_text[128], type_text[128];
    tamar_category category;
    const char *words;
    int64_t hint, number;
    int status = d->status;
    bool spent;
    message = tamar__dialect_message_in(tamar__dialect_first(source, texts));
    code = tamar__dialect_first(source, codes);
    if (!code.ptr) code = tamar__dialect_first(tamar_json_get(source, "details"), codes);
    if (!code.ptr) code = tamar__dialect_first(doc, codes);
    if (!d->error.request_id[0]) d->error.request_id = tamar__dialect_word(d, tamar_json_get(doc, "request_id"));
    type = tamar_json_get(source, "type");
    if (!type.ptr) {  // Google's word: RESOURCE_EXHAUSTED
        tamar_json word = tamar_json_get(source, "status");
        if (word.len > 2 && *word.ptr == '"' && word.ptr[1] >= 'A' && word.ptr[1] <= 'Z') type = word;
    }
    d->error.code = tamar__dialect_word(d, code);
    d->error.type = tamar__dialect_word(d, type);
    d->error.param = tamar__dialect_word(d, tamar_json_get(source, "param"));
    if (tamar__json_lenient_int(code, &number) && number >= 400 && number <= 599 && status < 400)
        status = (int)number;
    if (tamar_json_type_of(message) == TAMAR_JSON_STRING) {
        text = tamar__json_text(d->arena, message);
        if (!text.ptr) text = tamar__str_make(message.ptr + 1, message.len - 2);  // what decides must not need memory
    }
    else text = tamar__str_make(source.ptr, source.len);
    if (!text.ptr) text = tamar__str_make(message.ptr, message.len);  // what decides must not depend on memory
    if (refused && d->status < 400 && !message.ptr && !code.ptr) return false;  // nothing that looks like an error
    hint = tamar__dialect_hint(d);
    spent = tamar__dialect_google_details(tamar_json_get(source, "details"), &hint, &type);
    category =
        tamar__policy_classify(status < 400 ? 0 : status, tamar__dialect_short(code, code_text, sizeof code_text),
                               tamar__dialect_short(type, type_text, sizeof type_text), text, hint);
    if (status < 400 && category == TAMAR_SERVER && tamar__policy_by_word(text) != TAMAR_OK)
        category = tamar__policy_by_word(text);
    // DashScope's word for a busy minute is everybody else's for an empty account: it comes with the request's id
    // beside the error.
    if (category == TAMAR_BILLING && status == 429 && tamar_json_is(code, "insufficient_quota") &&
        tamar_json_get(doc, "request_id").ptr)
        category = TAMAR_RATE;
    if (source.ptr == tamar_json_get(doc, "base_resp").ptr && tamar__json_lenient_int(code, &number))
        category = tamar__policy_by_base_resp(number);
    if (!d->error.request_id[0])
        d->error.request_id = tamar__dialect_word(d, tamar__dialect_first(doc, ids));
    if (spent && category == TAMAR_RATE) category = TAMAR_QUOTA;
    number = d->status;
    d->status = status;  // what decides whether a retry helps
    words = tamar__dialect_keep(d, tamar__str_trim(text), 4096);
    tamar__dialect_fail(d, category, *words ? words : "the server refused the request and gave no reason");
    d->status = (int)number;
    d->error.http_status = d->status;
    if (hint >= 0) {
        d->error.retry_after_ms.set = true;
        d->error.retry_after_ms.value = hint;
    }
    return true;
}

// The same for a whole document, if there is an error in it.
static bool tamar__dialect_vendor_error(tamar__dialect_decoder *d, tamar_json doc, bool refused)
{
    tamar_json error, source;
    int64_t code;
    bool some;
    if (tamar_json_type_of(doc) == TAMAR_JSON_ARRAY) doc = tamar_json_index(doc, 0);
    error = tamar_json_get(doc, "error");
    source = doc;
    switch (tamar_json_type_of(error)) {
    case TAMAR_JSON_OBJECT:
        some = tamar_json_count(error) > 0;
        if (some) source = error;
        break;
    case TAMAR_JSON_STRING: some = error.len > 2; break;
    case TAMAR_JSON_BOOL:
    case TAMAR_JSON_NUMBER: some = *error.ptr != 'f' && !(error.len == 1 && *error.ptr == '0'); break;  // false: none
    case TAMAR_JSON_ARRAY: some = true; break;
    default:
        some = tamar_json_get(doc, "error_msg").ptr && tamar_json_get(doc, "error_code").ptr;
        error = tamar_json_get(doc, "base_resp");  // MiniMax, under HTTP 200
        if (tamar__json_lenient_int(tamar_json_get(error, "status_code"), &code) && code) some = true, source = error;
        break;
    }
    return (some || refused) && tamar__dialect_vendor_error_in(d, source, doc, refused);
}

// -- the end of a response -------------------------------------------------------------------------

static tamar_finish tamar__dialect_finish_of(tamar_str raw)
{
    static const struct {
        const char *words;
        tamar_finish finish;
    } table[] = {
        { "stop,end,eos,end_turn,stop_sequence,pause_turn,complete,completed,finished,done,succeeded",
          TAMAR_FINISH_STOP },
        { "length,max_tokens,model_length,max_output_tokens,max_completion_tokens,model_context_window_exceeded,"
          "continuation,repetition_truncation",
          TAMAR_FINISH_LENGTH },
        { "tool_calls,function_call,tool_use,tool_call", TAMAR_FINISH_TOOL_CALLS },
        { "content_filter,sensitive,safety,content-filter,recitation,blocklist,prohibited_content,spii,image_safety,"
          "image_prohibited_content,image_recitation,language,model_armor",
          TAMAR_FINISH_CONTENT_FILTER },
        { "refusal", TAMAR_FINISH_REFUSAL },
        { "error,failed,abort,insufficient_system_resource,network_error,malformed_function_call,unexpected_tool_call,"
          "too_many_tool_calls,malformed_response,missing_thought_signature",
          TAMAR_FINISH_ERROR },
    };
    size_t i;
    if (!raw.len) return TAMAR_FINISH_NONE;
    for (i = 0; i < sizeof table / sizeof *table; i++)
        if (tamar__model_named(table[i].words, raw)) return table[i].finish;
    return TAMAR_FINISH_OTHER;
}

static tamar_finish tamar__dialect_finish(const tamar__dialect_decoder *d)
{
    tamar_finish f = d->finish_as ? d->finish_as : tamar__dialect_finish_of(d->finish_raw);
    if (d->blocked) return TAMAR_FINISH_CONTENT_FILTER;
    if (d->call_count && (f == TAMAR_FINISH_STOP || f == TAMAR_FINISH_NONE || f == TAMAR_FINISH_OTHER))
        return TAMAR_FINISH_TOOL_CALLS;
    if (d->filtered && (f == TAMAR_FINISH_STOP || f == TAMAR_FINISH_NONE)) return TAMAR_FINISH_CONTENT_FILTER;
    if (d->refusal.len && (f == TAMAR_FINISH_STOP || f == TAMAR_FINISH_NONE)) return TAMAR_FINISH_REFUSAL;
    return f;
}

// An id for a call that came without one, the same whenever the same answer is read.
static tamar_str tamar__dialect_make_id(tamar__dialect_decoder *d, size_t number)
{
    static const char hex[] = "0123456789abcdef";
    char text[24] = "call_";
    uint64_t h = UINT64_C(14695981039346656037) & UINT64_C(0xFFFFFFFF);
    size_t i, n = 5;
    char *copy;
    for (i = 0; i < d->id.len; i++) h = ((h ^ (unsigned char)d->id.ptr[i]) * 16777619) & UINT64_C(0xFFFFFFFF);
    for (i = 0; i < 8; i++) text[n++] = hex[h >> (28 - 4 * i) & 15];
    for (i = 0; i < 4; i++) text[n++] = hex[number >> (12 - 4 * i) & 15];
    copy = tamar__arena_copy(d->arena, text, n);
    if (!copy) d->damaged = true;
    return copy ? tamar__str_make(copy, n) : tamar__str_make("call_0", 6);
}

// Every call gets an id that no other has, and arguments that are at least {}.
static void tamar__dialect_settle_calls(tamar__dialect_decoder *d)
{
    size_t i, k;
    for (i = 0; i < d->call_count; i++) {
        tamar__dialect_call *c = d->calls[i];
        bool taken = c->id.len == 0;
        if (!tamar__json_flush(&c->arguments, &c->carry)) d->damaged = true;
        for (k = 0; k < i && !taken; k++) taken = tamar__str_equal(c->id, d->calls[k]->id);
        if (taken) {
            if (c->id.len)
                tamar__talk_warn(&d->notes, "tool_calls", "two tool calls had the same id; one was renamed");
            c->id = tamar__dialect_make_id(d, i);
        }
        if (c->custom) {  // free text: carried as a JSON string
            tamar_json_writer w;
            tamar_allocator in = tamar__arena_allocator(d->arena);
            tamar_str text;
            tamar_json_write_growing(&w, &in, SIZE_MAX / 2);
            tamar_json_write_string(&w, c->arguments.ptr ? c->arguments.ptr : "", c->arguments.len);
            if (!tamar_json_writer_end(&w, &text)) d->damaged = true;
            else {
                c->arguments.len = 0;
                if (!tamar__str_put(&c->arguments, text.ptr, text.len)) d->damaged = true;
            }
        }
        else if (!tamar__str_trim(tamar__str_view(&c->arguments)).len) {
            c->arguments.len = 0;
            if (!tamar__str_put(&c->arguments, "{}", 2)) d->damaged = true;
        }
        else {
            tamar_json v;
            if (!tamar_json_parse(c->arguments.ptr, c->arguments.len, &v, NULL))
                tamar__talk_warn(&d->notes, "tool_arguments",
                                 "a tool call's arguments are not valid JSON; they are kept as they came");
        }
        if (!c->name.len) tamar__talk_warn(&d->notes, "tool_calls", "a tool call has no name");
    }
}

static bool tamar__dialect_calls_replaced(const tamar__dialect_decoder *d)
{
    size_t i;
    for (i = 0; i < d->call_count; i++)
        if (d->calls[i]->carry.replaced) return true;
    return false;
}

// A refusal whose body is an event stream: the first record with an error in it counts.
static bool tamar__dialect_refused_in_stream(tamar__dialect_decoder *d, tamar_str body)
{
    tamar__sse s;
    tamar_str data, event;
    tamar_json v;
    bool more = true;
    tamar__sse_init(&s, d->arena, d->max_event, true, false);
    tamar__sse_input(&s, body.ptr, body.len);
    while (more) {
        more = tamar__sse_next(&s, &data, &event);
        if (!more && !tamar__sse_pending(&s, &data, &event)) break;
        data = tamar__str_trim(data);
        if (tamar_json_parse(data.ptr, data.len, &v, NULL) && tamar__dialect_vendor_error(d, v, true)) return true;
    }
    return false;
}

// The body ended. clean: as its framing promised.
static void tamar__dialect_end(tamar__dialect_decoder *d, bool clean)
{
    tamar_str data, event;
    tamar_json v;
    bool flushed = true;
    d->first_dirty = 0;
    if (!d->over && d->mode == TAMAR__DIALECT_STREAM && clean && tamar__sse_pending(&d->sse, &data, &event)) {
        tamar_str t = tamar__str_trim(data);  // unterminated last event: only if it is plainly whole
        if (tamar__str_is(t, "[DONE]") || tamar_json_parse(t.ptr, t.len, &v, NULL))
            d->dialect->record(d, event, data);
    }
    if (!d->over && d->mode != TAMAR__DIALECT_STREAM) {
        tamar_str body = tamar__str_trim(tamar__str_view(&d->body));
        tamar_json_error why;
        // A clean object is judged by the dialect itself, in its one pass.
        bool direct = d->status < 400 && d->status != 204 && clean && body.len && *body.ptr == '{';
        bool is_json = !direct && body.len && tamar_json_parse(body.ptr, body.len, &v, &why);
        if (direct) d->dialect->document(d, body);
        else if (d->status >= 400) {
            if (is_json ? !tamar__dialect_vendor_error(d, v, true) : !tamar__dialect_refused_in_stream(d, body)) {
                int64_t hint = tamar__dialect_hint(d);
                tamar_category c =
                    tamar__policy_classify(d->status, tamar__str_make("", 0), tamar__str_make("", 0), body, hint);
                if (hint >= 0) d->error.retry_after_ms.set = true, d->error.retry_after_ms.value = hint;
                if (!body.len) tamar__dialect_fail(d, c, "the server refused the request and gave no reason");
                else tamar__dialect_fail_with(d, c, "", body);
            }
        }
        else if (d->status == 204 || !body.len) {
            if (clean) tamar__dialect_fail(d, TAMAR_EMPTY, "the server sent a whole answer with nothing in it");
            else tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
        }
        else if (is_json && (clean || tamar_json_get(v, "error").ptr)) {
            d->dialect->document(d, body);
            if (!clean) tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
        }
        else if (!clean || (!is_json && (why.status == TAMAR_JSON_TRUNCATED ||
                                         (d->mode == TAMAR__DIALECT_UNDECIDED && d->want_stream))))  // "dat"
            tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
        else if (body.ptr[0] == '<')
            tamar__dialect_fail_with(d, TAMAR_PROTO,
                                     "the server sent a web page instead of an answer (is base_url right?): ", body);
        else if (why.status == TAMAR_JSON_TOO_DEEP)
            tamar__dialect_fail(d, TAMAR_LIMIT, "the answer's JSON is nested deeper than 64 levels");
        else tamar__dialect_fail_with(d, TAMAR_PARSE, "the server sent something that is not JSON: ", body);
    }
    else if (!d->over && d->mode == TAMAR__DIALECT_STREAM && !d->done) {
        bool whole = !d->array.on || d->array.closed;
        if (whole && d->finish_raw.len && clean && d->dialect->finish_proves) d->done = true;
        else if (clean && !d->records)
            tamar__dialect_fail(d, TAMAR_EMPTY, "the stream ended with nothing in it");
        else
            tamar__dialect_fail(d, TAMAR_TRUNCATED,
                                clean ? "the stream ended without its terminator: the answer may not be whole"
                                      : "the connection ended in the middle of the stream");
    }
    d->over = true;
    flushed = tamar__json_flush(&d->text, &d->text_carry) && tamar__json_flush(&d->reasoning, &d->reasoning_carry) &&
              tamar__json_flush(&d->refusal, &d->refusal_carry);
    {  // what flushing added belongs to the last piece of its kind
        size_t i, text = 0, reasoning = 0, refusal = 0;
        for (i = d->piece_count; i > 0; i--) {
            tamar__dialect_piece *p = &d->pieces[i - 1];
            tamar__str_buf *b = tamar__dialect_text_of(d, p->type);
            size_t *seen = p->type == TAMAR_PART_REASONING ? &reasoning
                           : p->type == TAMAR_PART_REFUSAL ? &refusal
                                                           : &text;
            if (p->call || p->type == TAMAR_PART_OPAQUE || *seen) continue;
            *seen = 1;
            p->len = b->len - p->from;
        }
    }
    if (d->details.len && tamar__str_putc(&d->details, ']')) {
        size_t i;
        for (i = 0; i < d->piece_count && d->pieces[i].type != TAMAR_PART_REASONING; i++) {}
        if (i < d->piece_count) d->pieces[i].opaque = tamar__str_view(&d->details);
    }
    if (d->details.full) d->damaged = true;
    if (d->no_retry) d->error.retryable = false;
    tamar__dialect_settle_calls(d);
    d->settled = true;
    if (d->text_carry.replaced || d->reasoning_carry.replaced || d->refusal_carry.replaced ||
        tamar__dialect_calls_replaced(d))
        tamar__talk_warn(&d->notes, "utf8", "bytes that are not UTF-8, or lone surrogates, were replaced by U+FFFD");
    if (!flushed || d->damaged || tamar__sse_failed(&d->sse)) {
        if (d->error.category == TAMAR_OK || d->error.category == TAMAR_TRUNCATED) d->error.category = TAMAR_OK;
        tamar__dialect_fail(d, TAMAR_NOMEM, "memory is out: the answer is not whole");
    }
}

// -- bytes in --------------------------------------------------------------------------------------

static void tamar__dialect_header(tamar__dialect_decoder *d, tamar_str name, tamar_str value)
{
    char *slot = NULL;
    size_t room = sizeof d->date;
    const char *id = NULL;  // a vendor's name for the request's id
    switch (name.len) {
    case 6: id = "cf-ray"; break;
    case 10: id = "request-id"; break;
    case 12: id = "x-request-id"; break;
    case 15: id = tamar__str_lower(name.ptr[0]) == 'a' ? "apim-request-id" : "x-generation-id"; break;
    case 16:
        id = "x-amzn-requestid";
        if (tamar__str_is_nocase(name, "content-encoding") && !tamar__str_is_nocase(value, "identity") && value.len)
            tamar__dialect_fail(d, TAMAR_PROTO, "the server compressed its answer although it was asked not to");
        break;
    case 8:
        if (tamar__str_is_nocase(name, "location") && d->status >= 300 && d->status < 400) {
            tamar__url u;
            const char *bad = tamar__url_split(value, &u);
            tamar__dialect_fail_with(
                d, TAMAR_REDIRECT,
                "the server redirects, which is never followed (put the right base_url in place) to host ",
                bad ? tamar__str_z("(relative address)") : tamar__str_z(u.host));
        }
        break;
    case 23: id = "x-siliconcloud-trace-id"; break;
    case 4: if (tamar__str_is_nocase(name, "date")) slot = d->date; break;
    case 11: if (tamar__str_is_nocase(name, "retry-after")) slot = d->retry_after; break;
    case 14:
        id = "x-tc-requestid";
        if (tamar__str_is_nocase(name, "retry-after-ms")) slot = d->retry_after_ms, room = sizeof d->retry_after_ms;
        if (tamar__str_is_nocase(name, "x-should-retry") && tamar__str_is_nocase(value, "false")) d->no_retry = true;
        break;
    default: break;
    }
    if (id && !d->error.request_id[0] && tamar__str_is_nocase(name, id))
        d->error.request_id = tamar__dialect_keep(d, value, 128);
    if (slot && value.len < room) {
        memcpy(slot, value.ptr, value.len);
        slot[value.len] = 0;
    }
}

// The status is known and the headers are in.
static void tamar__dialect_started(tamar__dialect_decoder *d)
{
    d->started = true;
    if (d->status >= 300 && d->status < 400 && d->status != 304)
        tamar__dialect_fail(d, TAMAR_REDIRECT,
                            "the server redirects, which is never followed: put the right base_url in place");
    if (d->status >= 400) {
        d->mode = TAMAR__DIALECT_DOCUMENT;
        d->body.max = tamar__base_min(d->max_body, TAMAR__DIALECT_ERROR_BODY);
    }
}



// Remembers the record that stands at [start, end): everything in it but the string that was appended (and the
// padding, if any) has to come again, to the byte, for the memo to speak.
static void tamar__dialect_arm(tamar__dialect_decoder *d, const char *start, const char *end)
{
    tamar__dialect_memo *m = &d->memo;
    tamar_json slots[2];
    size_t i;
    if (m->slots && ++m->misses > 16) {  // never twice alike: do not copy for nothing
        m->misses = 16;
        if (d->records & 63) {
            m->slots = 0;
            return;
        }
    }
    m->slots = 0;
    m->bytes.len = 0;
    if ((size_t)(end - start) > 4000 || !tamar__str_put(&m->bytes, start, (size_t)(end - start))) return;
    slots[0] = d->effect;
    slots[1] = d->padding;
    m->content = 0;
    if (d->padding.ptr && d->padding.ptr < d->effect.ptr) {
        slots[0] = d->padding;
        slots[1] = d->effect;
        m->content = 1;
    }
    for (i = 0; i < 2 && slots[i].ptr; i++) {
        m->slot[i][0] = (uint32_t)(slots[i].ptr + 1 - start);
        m->slot[i][1] = (uint32_t)(slots[i].ptr + slots[i].len - 1 - start);
    }
    m->type = d->effect_type;
    m->slots = (uint8_t)i;
}

// The record at the stream's cursor is the remembered one but for its slots: then its effect is known, and it is
// taken without being parsed. A parser is in the same state after the same bytes, so this changes no answer; any
// difference, also an incomplete record, is left to the parser.
static bool tamar__dialect_memo_hit(tamar__dialect_decoder *d)
{
    const tamar__dialect_memo *m = &d->memo;
    const char *p = d->sse.at, *end = d->sse.end, *old = m->bytes.ptr, *from = NULL, *to = NULL;
    size_t at = 0, i, n;
    bool plain = false, clean;
    tamar__dialect_piece *piece;
    tamar__str_buf *text;
    tamar__json_carry *carry;
    for (i = 0; i < m->slots; i++) {
        const char *quote;
        n = m->slot[i][0] - at;
        if ((size_t)(end - p) < n || memcmp(p, old + at, n)) return false;
        p += n;
        quote = tamar__json_string_end(p, end, &clean);
        if (!quote) return false;
        if (i == m->content) from = p, to = quote, plain = clean;
        p = quote;
        at = m->slot[i][1];
    }
    n = m->bytes.len - at;
    if ((size_t)(end - p) < n || memcmp(p, old + at, n) || (size_t)(p - d->sse.at) + n > d->sse.max) return false;
    d->sse.at = p + n;
    d->sse.events++;
    d->records++;
    d->memo.misses = 0;
    if (from == to) return true;
    piece = &d->pieces[d->piece_count - 1];
    text = tamar__dialect_text_of(d, m->type);
    carry = tamar__dialect_carry_of(d, m->type);
    n = text->len;
    if (plain && !carry->count && !carry->high) {
        if (!tamar__str_put(text, from, (size_t)(to - from))) d->damaged = true;
    }
    else {
        tamar_json string;
        string.ptr = from - 1;
        string.len = (size_t)(to - from) + 2;
        if (!tamar__json_append(text, string, carry)) d->damaged = true;
    }
    piece->len += text->len - n;
    return true;
}

// One element of a stream that is an array: what was held of it, and what is in this block.
static void tamar__dialect_element(tamar__dialect_decoder *d, const char *from, const char *to)
{
    tamar_str text = tamar__str_make(from, (size_t)(to - from));
    d->array.inside = false;
    if (d->body.len) {
        if (!tamar__str_put(&d->body, from, text.len)) return;
        text = tamar__str_view(&d->body);
    }
    else if (text.len > d->max_event) d->body.over = d->body.full = true;
    if (d->body.full) return;
    d->records++;
    d->dialect->record(d, tamar__str_make("", 0), text);
    d->body.len = 0;
}

// A stream that is one JSON array: its elements are cut out as they come, whatever the pieces. Only strings and
// brackets are looked at, each byte once; whether an element is JSON, its parser says.
static void tamar__dialect_elements(tamar__dialect_decoder *d, const char *ptr, size_t len)
{
    tamar__dialect_array *a = &d->array;
    const char *p = ptr, *end = ptr + len, *from = ptr;
    while (p < end && !a->closed && !d->over && !d->damaged && !d->body.full) {
        char c = *p++;
        if (a->quoted) {
            if (a->escaped) a->escaped = false;
            else if (c == '\\') a->escaped = true;
            else if (c == '"') a->quoted = false;
            else
                while (p < end && *p != '"' && *p != '\\') p++;
            continue;
        }
        if (a->depth == 1) {
            if (c == ',' || c == ']') {
                if (a->inside) tamar__dialect_element(d, from, p - 1);
                a->closed = c == ']';
                continue;
            }
            if (!a->inside && (unsigned char)c <= ' ') continue;
            if (!a->inside) a->inside = true, from = p - 1;
        }
        if (c == '"') a->quoted = true;
        else if (c == '[' || c == '{') a->depth++;
        else if ((c == ']' || c == '}') && a->depth > 1 && --a->depth == 1) tamar__dialect_element(d, from, p);
    }
    if (a->inside && !d->over && !d->body.full) tamar__str_put(&d->body, from, (size_t)(end - from));
    if (a->closed && d->finish_raw.len) d->over = d->done = true;
    if (d->damaged) tamar__dialect_fail(d, TAMAR_NOMEM, "memory is out: the answer is not whole");
    else if (d->body.over)
        tamar__dialect_fail(d, TAMAR_LIMIT, "one event of the stream is larger than desc.max_event");
    else if (d->body.full) tamar__dialect_fail(d, TAMAR_NOMEM, "memory is out: the answer is not whole");
}

static void tamar__dialect_stream(tamar__dialect_decoder *d, const char *ptr, size_t len)
{
    tamar_str data, event;
    tamar__sse *s = &d->sse;
    if (d->array.on) {
        tamar__dialect_elements(d, ptr, len);
        return;
    }
    tamar__sse_input(s, ptr, len);
    while (!d->over && !d->damaged) {
        bool fresh = tamar__sse_fresh(s);
        const char *start;
        if (fresh && d->memo.slots && !TAMAR_NO_MEMO)
            while (s->at < s->end && !d->damaged && tamar__dialect_memo_hit(d)) {}
        start = s->at;
        if (!tamar__sse_next(s, &data, &event)) break;
        d->records++;
        d->effects = 0;
        d->padding.ptr = NULL;
        d->padding.len = 0;
        d->dialect->record(d, event, data);
        if (d->effects == 1 && fresh && !event.len && data.ptr > start && data.ptr < s->at && s->cr == s->end)
            tamar__dialect_arm(d, start, s->at);
        else d->memo.slots = 0;
    }
    if (s->comments != d->beats) {
        d->beats = s->comments;
        d->heartbeat = true;
    }
    if (d->damaged) tamar__dialect_fail(d, TAMAR_NOMEM, "memory is out: the answer is not whole");
    else if (tamar__sse_over(s))
        tamar__dialect_fail(d, TAMAR_LIMIT, "one event of the stream is larger than desc.max_event");
    else if (tamar__sse_failed(s)) tamar__dialect_fail(d, TAMAR_NOMEM, "memory is out: the answer is not whole");
}

static void tamar__dialect_collect(tamar__dialect_decoder *d, const char *ptr, size_t len)
{
    if (tamar__str_put(&d->body, ptr, len)) return;
    if (!d->body.over) tamar__dialect_fail(d, TAMAR_NOMEM, "memory is out: the answer is not whole");
    else if (d->status < 400) tamar__dialect_fail(d, TAMAR_LIMIT, "the answer is larger than desc.max_body");
    else if (d->body.len < d->body.max) {  // of a refusal the beginning is enough
        d->body.full = d->body.over = false;
        tamar__str_put(&d->body, ptr, d->body.max - d->body.len);
    }
}

// What kind of body is this? Content types lie, the first byte does not: white space and comment lines are skipped
// until something tells. Once it is decided, the bytes held so far go where they belong.
static void tamar__dialect_sniff(tamar__dialect_decoder *d)
{
    static const char *const fields[] = { "data", "event", "id", "retry", "error" };
    tamar_str rest = tamar__str_view(&d->body);
    size_t i, had = rest.len;
    if (!d->body_begun && rest.len < 3 && !memcmp(rest.ptr, "\xEF\xBB\xBF", rest.len)) return;
    if (!d->body_begun && tamar__str_starts(rest, "\xEF\xBB\xBF")) rest.ptr += 3, rest.len -= 3;
    d->body_begun = true;
    for (;;) {
        const char *eol = NULL;
        while (rest.len && (unsigned char)rest.ptr[0] <= ' ') rest.ptr++, rest.len--;
        if (rest.len && rest.ptr[0] == ':')
            for (eol = rest.ptr; eol && *eol != '\n' && *eol != '\r';)
                eol = eol + 1 < rest.ptr + rest.len ? eol + 1 : NULL;
        if (!eol) break;
        d->heartbeat = true;
        rest.len -= (size_t)(eol + 1 - rest.ptr);
        rest.ptr = eol + 1;
    }
    if (rest.len < had) {  // never looked at again
        tamar__str_consume(&d->body, had - rest.len);
        rest = tamar__str_view(&d->body);
    }
    if (!rest.len) return;
    if (rest.ptr[0] == ':') {  // of a comment only its colon matters
        d->body.len = 1;
        return;
    }
    d->mode = TAMAR__DIALECT_DOCUMENT;
    if (d->dialect->framing == TAMAR__DIALECT_LINES && d->want_stream && rest.ptr[0] == '{')
        d->mode = TAMAR__DIALECT_STREAM;
    else if (d->dialect->framing == TAMAR__DIALECT_ARRAY && d->want_stream && rest.ptr[0] == '[') {
        d->mode = TAMAR__DIALECT_STREAM;
        d->array.on = true;
    }
    else if (d->dialect->framing != TAMAR__DIALECT_LINES && rest.ptr[0] != '{' && rest.ptr[0] != '[' &&
             rest.ptr[0] != '<')
        for (i = 0; i < sizeof fields / sizeof *fields; i++) {
            size_t n = strlen(fields[i]);
            if (rest.len < n && !memcmp(rest.ptr, fields[i], rest.len)) {
                d->mode = TAMAR__DIALECT_UNDECIDED;
                return;
            }
            if (rest.len >= n && !memcmp(rest.ptr, fields[i], n) &&
                (rest.len == n || rest.ptr[n] == ':' || rest.ptr[n] == '\n' || rest.ptr[n] == '\r')) {
                if (rest.len == n) {
                    d->mode = TAMAR__DIALECT_UNDECIDED;
                    return;
                }
                d->mode = TAMAR__DIALECT_STREAM;
            }
        }
    if (d->mode == TAMAR__DIALECT_STREAM) {
        tamar__str_buf held = d->body;
        tamar__str_init(&d->body, d->arena, d->array.on ? d->max_event : d->max_body);
        tamar__dialect_stream(d, held.ptr, held.len);
        tamar__str_free(&held);
    }
}

// False: the response is over, nothing more is read.
static bool tamar__dialect_feed(tamar__dialect_decoder *d, const char *ptr, size_t len)
{
    if (!d->started) tamar__dialect_started(d);
    if (d->over) return false;
    if (d->keep_raw && !tamar__str_put(&d->raw, ptr, len)) d->damaged = true;
    if (d->mode == TAMAR__DIALECT_UNDECIDED && d->want_stream && d->dialect->framing != TAMAR__DIALECT_LINES &&
        !d->body.len && len > 5 &&
        !memcmp(ptr, "data:", 5))
        d->mode = TAMAR__DIALECT_STREAM;
    if (d->mode == TAMAR__DIALECT_STREAM) tamar__dialect_stream(d, ptr, len);
    else {
        tamar__dialect_collect(d, ptr, len);
        if (d->mode == TAMAR__DIALECT_UNDECIDED && !d->over) tamar__dialect_sniff(d);
    }
    return !d->over;
}

// -- events out ------------------------------------------------------------------------------------

// Is there anything that was not delivered (FINISH aside)?
static bool tamar__dialect_dirty(const tamar__dialect_decoder *d)
{
    size_t i;
    if (d->heartbeat) return true;
    for (i = d->first_dirty; i < d->piece_count; i++) {
        const tamar__dialect_piece *p = &d->pieces[i];
        if (p->call ? (p->call->name.len &&
                       (!p->call->announced || (!p->call->custom && p->call->delivered < p->call->arguments.len)))
                    : p->delivered < p->len)
            return true;
    }
    return false;
}

// The next difference between what has grown and what was delivered.
static bool tamar__dialect_event(tamar__dialect_decoder *d, tamar_event *e)
{
    size_t i, k;
    for (i = d->first_dirty; i < d->piece_count; i++) {
        tamar__dialect_piece *p = &d->pieces[i];
        if (p->call) {
            tamar__dialect_call *c = p->call;
            size_t len = c->custom && !d->settled ? 0 : c->arguments.len, blank = 0;
            while (blank < len && (unsigned char)c->arguments.ptr[blank] <= ' ') blank++;
            if (blank == len && !d->settled) len = 0;  // nothing but space may yet turn out to be {}
            // A call is announced when its name is known; one that never gets a name is told at the end.
            if ((!c->name.len && !d->settled) || (c->announced && c->delivered >= len)) continue;
            e->type = TAMAR_EVENT_TOOL_CALL;
            for (k = 0; k < d->call_count && d->calls[k] != c; k++) {}
            e->index = k;
            e->tool_id = c->id;
            e->tool_name = c->name;
            e->text = tamar__str_make(c->arguments.ptr ? c->arguments.ptr + c->delivered : "", len - c->delivered);
            c->announced = true;
            c->delivered = len;
            return true;
        }
        if (p->delivered >= p->len) {
            if (i == d->first_dirty && i + 1 < d->piece_count) d->first_dirty++;
            continue;
        }
        e->type = p->type == TAMAR_PART_REASONING ? TAMAR_EVENT_REASONING
                  : p->type == TAMAR_PART_REFUSAL ? TAMAR_EVENT_REFUSAL
                                                  : TAMAR_EVENT_TEXT;
        e->text =
            tamar__str_make(tamar__dialect_text_of(d, p->type)->ptr + p->from + p->delivered, p->len - p->delivered);
        p->delivered = p->len;
        return true;
    }
    if (d->heartbeat) {
        d->heartbeat = false;
        e->type = TAMAR_EVENT_HEARTBEAT;
        return true;
    }
    return false;
}

// With discard_text: what was delivered is forgotten; the buffers keep their size.
static void tamar__dialect_forget(tamar__dialect_decoder *d)
{
    size_t i;
    for (i = 0; i < d->piece_count; i++)
        if (!d->pieces[i].call && d->pieces[i].delivered < d->pieces[i].len) return;
    for (i = 0; i < d->piece_count; i++)
        if (!d->pieces[i].call) d->pieces[i].from = d->pieces[i].len = d->pieces[i].delivered = 0;
    tamar__str_consume(&d->text, d->text.len);
    tamar__str_consume(&d->reasoning, d->reasoning.len);
    tamar__str_consume(&d->refusal, d->refusal.len);
}

static tamar_str tamar__dialect_z(const tamar__str_buf *b) { return tamar__str_make(b->ptr ? b->ptr : "", b->len); }

// Fills the public response from what has grown. Views; nothing but the arrays is new. Call it after the end.
static void tamar__dialect_response(tamar__dialect_decoder *d, tamar_response *r)
{
    tamar_part *parts = NULL;
    const tamar_part **calls = NULL;
    size_t i, n = 0;
    memset(r, 0, sizeof *r);
    if (d->piece_count) parts = (tamar_part *)tamar__arena_get(d->arena, d->piece_count * sizeof *parts);
    if (d->call_count) calls = (const tamar_part **)tamar__arena_get(d->arena, d->call_count * sizeof *calls);
    if ((d->piece_count && !parts) || (d->call_count && !calls)) {
        if (d->error.category == TAMAR_OK)
            tamar__dialect_fail(d, TAMAR_NOMEM, "memory is out: the answer is not whole");
    }
    else {
        for (i = 0; i < d->piece_count; i++) {
            const tamar__dialect_piece *p = &d->pieces[i];
            tamar_part *q = &parts[i];
            q->type = p->type;
            q->opaque = p->opaque;
            if (p->call) {
                q->id = p->call->id;
                q->name = p->call->name;
                q->text = tamar__dialect_z(&p->call->arguments);
                q->opaque = p->call->custom && !p->call->extra.len ? tamar__str_z("{\"type\":\"custom\"}")
                                                              : p->call->extra;
                calls[n++] = q;
            }
            else if (d->discard || p->type == TAMAR_PART_OPAQUE) q->text = tamar__str_make("", 0);
            else
                q->text = tamar__str_make(tamar__dialect_z(tamar__dialect_text_of(d, p->type)).ptr + p->from, p->len);
            if (q->opaque.len) {
                q->origin = tamar__str_z(d->dialect->name);
                q->model = d->model;
            }
        }
        r->message.parts = parts;
        r->message.part_count = d->piece_count;
        r->tool_calls = (const tamar_part *const *)calls;
        r->tool_call_count = d->call_count;
    }
    if (!d->discard) {
        r->text = tamar__dialect_z(&d->text);
        r->reasoning = tamar__dialect_z(&d->reasoning);
        r->refusal = tamar__dialect_z(&d->refusal);
    }
    else r->text = r->reasoning = r->refusal = tamar__str_make("", 0);
    r->message.role = TAMAR_ROLE_ASSISTANT;
    r->finish = tamar__dialect_finish(d);
    r->finish_raw = d->finish_raw.ptr ? d->finish_raw : tamar__str_make("", 0);
    r->usage = d->usage;
    r->id = d->id.ptr ? d->id : tamar__str_make("", 0);
    r->model = d->model.ptr ? d->model : tamar__str_make("", 0);
    r->provider = tamar__str_make("", 0);
    r->created = d->created;
    r->citations = d->citations;
    r->citation_count = d->citation_count;
    r->images = d->images;
    r->image_count = d->image_count;
    r->embeddings = d->embeddings;
    r->embedding_count = d->embedding_count;
    r->models = d->models;
    r->model_count = d->model_count;
    r->warnings = d->notes.list;
    r->warning_count = d->notes.count;
    r->raw = tamar__dialect_z(&d->raw);
    r->error = d->error;
}

// Where no stream is ever asked for.
static void tamar__dialect_no_stream(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_json root;
    (void)event;
    if (tamar_json_parse(data.ptr, data.len, &root, NULL) && tamar__dialect_vendor_error(d, root, false)) return;
    tamar__dialect_fail(d, TAMAR_PROTO, "the server sent a stream where one document was asked for");
}

// -- bodies out ------------------------------------------------------------------------------------

// Writes a key, unless the request's extra members bring one of that name: theirs wins.
static bool tamar__dialect_key(tamar__dialect_out *o, const char *key)
{
    if (o->extra.ptr && tamar_json_get(o->extra, key).ptr) return false;
    tamar_json_write_key(&o->w, key);
    return true;
}

static void tamar__dialect_z_member(tamar__dialect_out *o, const char *key, const char *value)
{
    if (!value) return;
    tamar_json_write_key(&o->w, key);
    tamar_json_write_string(&o->w, value, strlen(value));
}

static void tamar__dialect_str_member(tamar__dialect_out *o, const char *key, tamar_str value)
{
    tamar_json_write_key(&o->w, key);
    tamar_json_write_string(&o->w, value.ptr, value.len);
}

static void tamar__dialect_raw(tamar__dialect_out *o, const char *json)
{
    tamar_json_write_raw(&o->w, json, strlen(json));
}

// What was put together on the side.
static tamar_str tamar__dialect_aside(tamar__dialect_out *o, const tamar__str_buf *b)
{
    if (b->full) o->starved = true;
    return tamar__str_view(b);
}

// All of extra but these members ("a,b"), which the dialect writes itself.
static void tamar__dialect_extra_but(tamar__dialect_out *o, const char *but)
{
    tamar_json_iter it = tamar_json_iterate(o->extra);
    tamar_json key, value;
    while (tamar_json_next(&it, &key, &value)) {
        tamar_str name = tamar__json_text(o->arena, key);
        if (!name.ptr) o->starved = true;
        // a later one of that name wins
        if (!name.ptr || tamar_json_get(o->extra, name.ptr).ptr != value.ptr || tamar__model_named(but, name)) continue;
        tamar_json_write_key_n(&o->w, name.ptr, name.len);
        tamar_json_write_raw(&o->w, value.ptr, value.len);
    }
}

static void tamar__dialect_extra(tamar__dialect_out *o) { tamar__dialect_extra_but(o, "messages"); }

// A data: URL of raw bytes, or the URL as it is.
static tamar_str tamar__dialect_media(tamar__dialect_out *o, const tamar_part *p, const char *mime)
{
    tamar__str_buf b;
    if (!p->data.len) return p->url;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    tamar__str_puts(&b, "data:");
    if (p->mime_type.len) tamar__str_put(&b, p->mime_type.ptr, p->mime_type.len);
    else tamar__str_puts(&b, mime);
    tamar__str_puts(&b, ";base64,");
    tamar__str_base64(&b, p->data.ptr, p->data.len, false);
    return tamar__dialect_aside(o, &b);
}

// What kind of picture these bytes are.
static const char *tamar__dialect_image_mime(tamar_str data)
{
    if (tamar__str_starts(data, "\xFF\xD8\xFF")) return "image/jpeg";
    if (tamar__str_starts(data, "GIF8")) return "image/gif";
    if (data.len >= 12 && !memcmp(data.ptr, "RIFF", 4) && !memcmp(data.ptr + 8, "WEBP", 4)) return "image/webp";
    return "image/png";
}

// The texts of a message joined into one; a view if there is only one.
static tamar_str tamar__dialect_joined(tamar__dialect_out *o, const tamar_part *parts, size_t count,
                                       tamar_part_type type, bool *any)
{
    tamar__str_buf b;
    tamar_str one = tamar__str_make("", 0);
    size_t i, n = 0;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    for (i = 0; i < count; i++) {
        if (parts[i].type != type) continue;
        if (n++ == 0) one = parts[i].text;
        else {
            if (n == 2) tamar__str_put(&b, one.ptr, one.len);
            tamar__str_put(&b, parts[i].text.ptr, parts[i].text.len);
        }
    }
    *any = n > 0;
    return n > 1 ? tamar__dialect_aside(o, &b) : one;
}

// The role of the system text.
static const char *tamar__dialect_system_role(const tamar__dialect_out *o)
{
    bool developer = o->to->provider->quirks & TAMAR_QUIRK_DEVELOPER_ROLE &&
                     o->to->profile->flags & TAMAR_MODEL_REASONS;
    return developer ? "developer" : "system";
}

// A call's arguments as they may be sent back: a JSON object.
static tamar_str tamar__dialect_arguments_back(tamar__dialect_out *o, tamar_str arguments)
{
    tamar_json v;
    if (!tamar_json_parse(arguments.ptr, arguments.len, &v, NULL) || tamar_json_type_of(v) != TAMAR_JSON_OBJECT) {
        if (arguments.len)
            tamar__talk_warn(o->notes, "tool_arguments",
                             "a tool call's arguments are not a JSON object; {} was sent instead");
        return tamar__str_make("{}", 2);
    }
    return arguments;
}

// What a tool said, as plain text.
static tamar_str tamar__dialect_result_text(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_json_writer w;
    tamar_allocator in = tamar__arena_allocator(o->arena);
    tamar_str text = p->text;
    if (p->is_error) {  // the dialect has no flag for it
        tamar_json_write_growing(&w, &in, SIZE_MAX / 2);
        tamar_json_write_object(&w);
        tamar_json_write_key(&w, "error");
        tamar_json_write_string(&w, p->text.ptr, p->text.len);
        tamar_json_write_end(&w);
        if (!tamar_json_writer_end(&w, &text)) {
            o->starved = true;
            text = p->text;
        }
    }
    return text;
}

// -- schemas that a vendor enforces ----------------------------------------------------------------

// OpenAI enforces a schema only where each object lists all its properties as required and allows no other. What is
// missing of that without changing what the schema says of the model's answer is added; anything else is sent without
// enforcement. One pass writes the schema as it would have to be, and notes what it came across.
typedef struct tamar__dialect_strict_pass {
    tamar_json_writer w;
    tamar__dialect_out *o;
    bool added, impossible;
} tamar__dialect_strict_pass;

static bool tamar__dialect_is_object_schema(tamar_json v)
{
    tamar_json type = tamar_json_get(v, "type"), key, word;
    tamar_json_iter it = tamar_json_iterate(type);
    if (tamar_json_is(type, "object") || tamar_json_get(v, "properties").ptr) return true;
    while (tamar_json_type_of(type) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &word))
        if (tamar_json_is(word, "object")) return true;
    return false;
}

static bool tamar__dialect_required_all(tamar_json v)
{
    tamar_json_iter it = tamar_json_iterate(tamar_json_get(v, "properties")), in;
    tamar_json key, name, value;
    bool all = true;
    while (all && tamar_json_next(&it, &key, &value)) {
        all = false;
        in = tamar_json_iterate(tamar_json_get(v, "required"));
        while (!all && tamar_json_next(&in, &value, &name))
            all = name.len == key.len && !memcmp(name.ptr, key.ptr, key.len);
    }
    return all;
}

static void tamar__dialect_strict_key(tamar__dialect_strict_pass *s, tamar_json key)
{
    tamar_str name = tamar__json_text(s->o->arena, key);
    if (!name.ptr) s->o->starved = true;
    tamar_json_write_key_n(&s->w, name.ptr, name.len);
}

static void tamar__dialect_strict_schema(tamar__dialect_strict_pass *s, tamar_json v, int depth)
{
    static const char *const never[] = { "allOf", "not", "if", "dependentRequired", "dependentSchemas",
                                         "patternProperties", "propertyNames", "unevaluatedProperties" };
    tamar_json_iter it, in;
    tamar_json key, value, inner_key, inner;
    size_t i;
    bool object;
    tamar_json others = tamar_json_get(v, "additionalProperties");
    if (tamar_json_type_of(v) != TAMAR_JSON_OBJECT || depth > 40) {
        if (depth > 40) s->impossible = true;
        tamar_json_write_raw(&s->w, v.ptr, v.len);
        return;
    }
    object = tamar__dialect_is_object_schema(v);
    for (i = 0; i < sizeof never / sizeof *never; i++)
        if (tamar_json_get(v, never[i]).ptr) s->impossible = true;
    if (object && !tamar__dialect_required_all(v)) s->impossible = true;
    if (object && others.ptr && *others.ptr != 'f') s->impossible = true;
    tamar_json_write_object(&s->w);
    it = tamar_json_iterate(v);
    while (tamar_json_next(&it, &key, &value)) {
        bool map = tamar_json_is(key, "properties") || tamar_json_is(key, "$defs") || tamar_json_is(key, "definitions");
        bool list = tamar_json_is(key, "anyOf") || tamar_json_is(key, "oneOf") || tamar_json_is(key, "prefixItems");
        tamar__dialect_strict_key(s, key);
        in = tamar_json_iterate(value);
        if (map && tamar_json_type_of(value) == TAMAR_JSON_OBJECT) {
            tamar_json_write_object(&s->w);
            while (tamar_json_next(&in, &inner_key, &inner)) {
                tamar__dialect_strict_key(s, inner_key);
                tamar__dialect_strict_schema(s, inner, depth + 1);
            }
            tamar_json_write_end(&s->w);
        }
        else if (list && tamar_json_type_of(value) == TAMAR_JSON_ARRAY) {
            tamar_json_write_array(&s->w);
            while (tamar_json_next(&in, &inner_key, &inner)) tamar__dialect_strict_schema(s, inner, depth + 1);
            tamar_json_write_end(&s->w);
        }
        else if (tamar_json_is(key, "items")) tamar__dialect_strict_schema(s, value, depth + 1);
        else tamar_json_write_raw(&s->w, value.ptr, value.len);
    }
    if (object && !tamar_json_get(v, "properties").ptr) {
        tamar_json_write_key(&s->w, "properties");
        tamar_json_write_raw(&s->w, "{}", 2);
        s->added = true;
    }
    if (object && !tamar_json_get(v, "required").ptr) {
        tamar_json_write_key(&s->w, "required");
        tamar_json_write_raw(&s->w, "[]", 2);
        s->added = true;
    }
    if (object && !others.ptr) {
        tamar_json_write_key(&s->w, "additionalProperties");
        tamar_json_write_bool(&s->w, false);
        s->added = true;
    }
    tamar_json_write_end(&s->w);
}

// Can the vendor enforce this schema? Puts what it wants in its place, with a warning where that differs.
static bool tamar__dialect_strict(tamar__dialect_out *o, tamar_str *schema)
{
    tamar__dialect_strict_pass s;
    tamar_allocator in = tamar__arena_allocator(o->arena);
    tamar_str text;
    tamar_json root;
    if (!(o->to->provider->quirks & TAMAR_QUIRK_STRICT_SCHEMA)) return true;
    memset(&s, 0, sizeof s);
    s.o = o;
    if (!tamar_json_parse(schema->ptr, schema->len, &root, NULL)) return false;
    tamar_json_write_growing(&s.w, &in, SIZE_MAX / 2);
    if (!tamar__dialect_is_object_schema(root) || tamar_json_get(root, "anyOf").ptr) s.impossible = true;
    tamar__dialect_strict_schema(&s, root, 0);
    if (!tamar_json_writer_end(&s.w, &text)) {
        if (s.w.status != TAMAR_JSON_TOO_DEEP) o->starved = true;
        s.impossible = true;
    }
    if (s.impossible) {
        tamar__talk_warn(o->notes, "schema",
                         "this vendor enforces a schema only where every property is required and nothing else is "
                         "allowed; it was sent without being enforced");
        return false;
    }
    if (s.added) {
        tamar__talk_warn(o->notes, "schema",
                         "to be enforced the schema was sent with additionalProperties false and complete lists");
        *schema = text;
    }
    return true;
}

// -- openai-chat: requests -------------------------------------------------------------------------

// A mark in a part of a user's or a system's message, where the model has them.
static void tamar__dialect_chat_cache(tamar__dialect_out *o, const tamar_part *p)
{
    if (!p->cache || !(o->to->profile->flags & TAMAR_MODEL_CACHE_MARKS)) return;
    tamar_json_write_key(&o->w, "cache_control");
    tamar__dialect_raw(o, "{\"type\":\"ephemeral\"}");
}

static void tamar__dialect_chat_image(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_str url = tamar__dialect_media(o, p, tamar__dialect_image_mime(p->data));
    if (o->to->profile->flags & TAMAR_MODEL_RAW_IMAGE && tamar__str_starts(url, "data:")) {
        size_t comma = tamar__base_min(tamar__str_at(url, ',') + 1, url.len);
        url = tamar__str_make(url.ptr + comma, url.len - comma);
    }
    tamar_json_write_object(&o->w);
    if (!url.len && p->id.len) {
        tamar__dialect_z_member(o, "type", "file");
        tamar_json_write_key(&o->w, "file");
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "file_id", p->id);
        tamar_json_write_end(&o->w);
    }
    else {
        tamar__dialect_z_member(o, "type", "image_url");
        if (o->to->provider->quirks & TAMAR_QUIRK_STRING_IMAGE) tamar__dialect_str_member(o, "image_url", url);
        else {
            tamar_json_write_key(&o->w, "image_url");
            tamar_json_write_object(&o->w);
            tamar__dialect_str_member(o, "url", url);
            if (p->detail.len) tamar__dialect_str_member(o, "detail", p->detail);
            tamar_json_write_end(&o->w);
        }
    }
    tamar__dialect_chat_cache(o, p);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_chat_audio(tamar__dialect_out *o, const tamar_part *p)
{
    tamar__str_buf b;
    tamar_str data = tamar__str_make("", 0);
    tamar_str mime = p->mime_type, format;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (p->data.len) {
        tamar__str_base64(&b, p->data.ptr, p->data.len, false);
        data = tamar__dialect_aside(o, &b);
    }
    else if (tamar__str_starts(p->url, "data:")) {
        size_t comma = tamar__str_find(p->url, ",", false),
               end = tamar__base_min(comma, tamar__str_find(p->url, ";", false));
        if (comma < p->url.len) data = tamar__str_make(p->url.ptr + comma + 1, p->url.len - comma - 1);
        if (!mime.len) mime = tamar__str_make(p->url.ptr + 5, end - 5);
    }
    format = tamar__str_starts(mime, "audio/") ? tamar__str_make(mime.ptr + 6, mime.len - 6) : tamar__str_z("wav");
    if (tamar__str_is(format, "mpeg")) format = tamar__str_z("mp3");
    if (tamar__str_starts(format, "x-")) format.ptr += 2, format.len -= 2;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", "input_audio");
    tamar_json_write_key(&o->w, "input_audio");
    tamar_json_write_object(&o->w);
    tamar__dialect_str_member(o, "data", data);
    tamar__dialect_str_member(o, "format", format);
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_chat_file(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_str url = tamar__dialect_media(o, p, "application/pdf");
    bool flat = o->to->provider->quirks & TAMAR_QUIRK_FLAT_FILE;
    tamar_json_write_object(&o->w);
    if (o->to->provider->quirks & TAMAR_QUIRK_STRING_IMAGE && url.len) {  // Mistral
        tamar__dialect_z_member(o, "type", "document_url");
        tamar__dialect_str_member(o, "document_url", url);
        if (p->name.len) tamar__dialect_str_member(o, "document_name", p->name);
        tamar_json_write_end(&o->w);
        return;
    }
    tamar__dialect_z_member(o, "type", "file");
    if (!flat) {
        tamar_json_write_key(&o->w, "file");
        tamar_json_write_object(&o->w);
    }
    if (p->id.len) tamar__dialect_str_member(o, "file_id", p->id);
    else {
        tamar__dialect_str_member(o, "filename", p->name.len ? p->name : tamar__str_z("file.pdf"));
        tamar__dialect_str_member(o, "file_data", url);
    }
    if (!flat) tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_cache_mark(tamar__dialect_out *o, const tamar_part *p)
{
    if (p->cache)
        tamar__talk_warn(o->notes, "unsupported",
                         "cache marks have no effect with this provider, which caches by itself");
}

// Can this part go into content? Says why where it cannot.
static bool tamar__dialect_chat_takes(tamar__dialect_out *o, const tamar_part *p)
{
    const char *why = NULL;
    bool bytes = p->data.len || tamar__str_starts(p->url, "data:");
    switch (p->type) {
    case TAMAR_PART_TEXT: return true;
    case TAMAR_PART_IMAGE:
        if (o->to->profile->flags & TAMAR_MODEL_NO_IMAGES) why = "this model takes no pictures; they were left out";
        else if (o->to->profile->flags & TAMAR_MODEL_NO_IMAGE_URL && !p->data.len && tamar__str_starts(p->url, "http"))
            why = "this provider fetches no pictures; one by URL was left out: send its bytes";
        break;
    case TAMAR_PART_AUDIO:
        why = bytes ? NULL : "openai-chat takes audio as bytes only; an audio URL was left out";
        break;
    case TAMAR_PART_FILE:
        if (bytes || p->id.len || o->to->provider->quirks & TAMAR_QUIRK_STRING_IMAGE) break;
        why = "openai-chat takes files as bytes or by id; a file URL was left out";
        break;
    case TAMAR_PART_VIDEO:
        why = o->to->provider->quirks & TAMAR_QUIRK_DEVELOPER_ROLE ? "this provider takes no video; it was left out"
                                                                   : NULL;
        break;
    case TAMAR_PART_OPAQUE:
        why = tamar__str_is(p->origin, "openai-chat") ? NULL : "a part that belongs to another vendor was left out";
        break;
    default: return false;
    }
    if (why) tamar__talk_warn(o->notes, p->type == TAMAR_PART_OPAQUE ? "dropped" : "unsupported", why);
    return !why;
}

static void tamar__dialect_chat_part(tamar__dialect_out *o, const tamar_part *p)
{
    switch (p->type) {
    case TAMAR_PART_TEXT:
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", "text");
        tamar__dialect_str_member(o, "text", p->text);
        tamar__dialect_chat_cache(o, p);
        tamar_json_write_end(&o->w);
        break;
    case TAMAR_PART_IMAGE: tamar__dialect_chat_image(o, p); break;
    case TAMAR_PART_AUDIO: tamar__dialect_chat_audio(o, p); break;
    case TAMAR_PART_FILE: tamar__dialect_chat_file(o, p); break;
    case TAMAR_PART_VIDEO:
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", "video_url");
        tamar_json_write_key(&o->w, "video_url");
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "url", tamar__dialect_media(o, p, "video/mp4"));
        tamar_json_write_end(&o->w);
        tamar_json_write_end(&o->w);
        break;
    case TAMAR_PART_OPAQUE:
        tamar_json_write_raw(&o->w, p->opaque.ptr, p->opaque.len);
        break;
    default: break;
    }
}

static void tamar__dialect_chat_name(tamar__dialect_out *o, const tamar_message *m)
{
    if (!(o->to->provider->quirks & TAMAR_QUIRK_NO_NAME)) tamar__dialect_z_member(o, "name", m->name);
    else if (m->name)
        tamar__talk_warn(o->notes, "unsupported", "this provider takes no names of speakers; they were left out");
}

static void tamar__dialect_chat_tool_result(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "role", "tool");
    tamar__dialect_str_member(o, "tool_call_id", p->id);
    if (p->name.len && o->to->provider->quirks & TAMAR_QUIRK_TOOL_RESULT_NAME)
        tamar__dialect_str_member(o, "name", p->name);
    tamar__dialect_str_member(o, "content", tamar__dialect_result_text(o, p));
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_chat_tool_calls(tamar__dialect_out *o, const tamar_part *parts, size_t count)
{
    size_t i;
    tamar_json v;
    tamar_json_write_key(&o->w, "tool_calls");
    tamar_json_write_array(&o->w);
    for (i = 0; i < count; i++) {
        const tamar_part *p = &parts[i];
        tamar_str arguments = p->text;
        if (p->type != TAMAR_PART_TOOL_CALL) continue;
        if (p->opaque.len && tamar__str_is(p->origin, "openai-chat") &&
            tamar_json_parse(p->opaque.ptr, p->opaque.len, &v, NULL) &&
            tamar_json_is(tamar_json_get(v, "type"), "custom")) {  // free text: its arguments are one JSON string
            tamar_json_write_object(&o->w);
            tamar__dialect_str_member(o, "id", p->id);
            tamar__dialect_z_member(o, "type", "custom");
            tamar_json_write_key(&o->w, "custom");
            tamar_json_write_object(&o->w);
            tamar__dialect_str_member(o, "name", p->name);
            tamar_json_write_key(&o->w, "input");
            if (tamar_json_parse(arguments.ptr, arguments.len, &v, NULL) &&
                tamar_json_type_of(v) == TAMAR_JSON_STRING)
                tamar_json_write_raw(&o->w, v.ptr, v.len);
            else tamar_json_write_string(&o->w, arguments.ptr, arguments.len);
            tamar_json_write_end(&o->w);
            tamar_json_write_end(&o->w);
            continue;
        }
        arguments = tamar__dialect_arguments_back(o, arguments);
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "id", p->id);
        tamar__dialect_z_member(o, "type", "function");
        tamar_json_write_key(&o->w, "function");
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "name", p->name);
        tamar__dialect_str_member(o, "arguments", arguments);
        tamar_json_write_end(&o->w);
        if (p->opaque.len && tamar__str_is(p->origin, "openai-chat")) {
            tamar_json_write_key(&o->w, "extra_content");
            tamar_json_write_raw(&o->w, p->opaque.ptr, p->opaque.len);
        }
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_chat_assistant(tamar__dialect_out *o, const tamar_message *m, const tamar_part *parts,
                                          size_t count)
{
    uint64_t quirks = o->to->provider->quirks, flags = o->to->profile->flags;
    bool has_text, has_reasoning, has_refusal, has_calls = false;
    tamar_str text = tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &has_text);
    tamar_str reasoning = tamar__dialect_joined(o, parts, count, TAMAR_PART_REASONING, &has_reasoning);
    tamar_str refusal = tamar__dialect_joined(o, parts, count, TAMAR_PART_REFUSAL, &has_refusal);
    const tamar_part *details = NULL;
    size_t i;
    bool own = false;  // parts of this dialect's own, which only an array can carry
    for (i = 0; i < count; i++) {
        tamar__dialect_cache_mark(o, &parts[i]);
        if (parts[i].type == TAMAR_PART_OPAQUE && tamar__str_is(parts[i].origin, "openai-chat")) own = true;
        if (parts[i].type == TAMAR_PART_TOOL_CALL) has_calls = true;
        if (parts[i].type == TAMAR_PART_REASONING && parts[i].opaque.len &&
            tamar__str_is(parts[i].origin, "openai-chat"))
            details = &parts[i];
        if (parts[i].type >= TAMAR_PART_IMAGE && parts[i].type <= TAMAR_PART_FILE)
            tamar__talk_warn(o->notes, "dropped",
                             "media in an assistant's turn cannot be sent back; it was left out");
        if (parts[i].opaque.len && !tamar__str_is(parts[i].origin, "openai-chat"))
            tamar__talk_warn(o->notes, "dropped",
                             "what belongs to another vendor was left out of an assistant's turn");
    }
    if (flags & TAMAR_MODEL_BLANK_CONTENT && !text.len && !own) text = tamar__str_make(" ", 1), has_text = true;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "role", "assistant");
    tamar__dialect_chat_name(o, m);
    if (own) {
        tamar_json_write_key(&o->w, "content");
        tamar_json_write_array(&o->w);
        for (i = 0; i < count; i++)
            if (parts[i].type == TAMAR_PART_TEXT || parts[i].type == TAMAR_PART_OPAQUE)
                tamar__dialect_chat_part(o, &parts[i]);
        tamar_json_write_end(&o->w);
    }
    else if (has_text && (text.len || !has_calls)) tamar__dialect_str_member(o, "content", text);
    else if (has_calls && !(quirks & TAMAR_QUIRK_EMPTY_CONTENT)) {
        tamar_json_write_key(&o->w, "content");
        tamar_json_write_null(&o->w);
    }
    else if (!has_refusal || has_calls) tamar__dialect_str_member(o, "content", tamar__str_make("", 0));
    if (has_refusal) tamar__dialect_str_member(o, "refusal", refusal);
    // A vendor that wants its reasoning back says so in its row; for the others it stays here.
    if (quirks & TAMAR_QUIRK_REASONING_CONTENT || (has_reasoning && flags & TAMAR_MODEL_REPLAYS))
        tamar__dialect_str_member(o, "reasoning_content", reasoning);
    else if (details && quirks & TAMAR_QUIRK_REASONING_DETAILS) {
        tamar_json_write_key(&o->w, "reasoning_details");
        tamar_json_write_raw(&o->w, details->opaque.ptr, details->opaque.len);
    }
    else if (has_reasoning && quirks & (TAMAR_QUIRK_REASONING | TAMAR_QUIRK_REASONING_DETAILS))
        tamar__dialect_str_member(o, "reasoning", reasoning);
    if (has_calls) tamar__dialect_chat_tool_calls(o, parts, count);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_chat_message(tamar__dialect_out *o, const tamar_message *m)
{
    tamar_part one;
    size_t i, count, content = 0, results = 0;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    bool plain = true, any;
    if (m->role == TAMAR_ROLE_ASSISTANT) {
        tamar__dialect_chat_assistant(o, m, parts, count);
        return;
    }
    for (i = 0; i < count; i++) {  // results come before anything else that a turn says
        bool markable = o->to->profile->flags & TAMAR_MODEL_CACHE_MARKS &&
                        (parts[i].type == TAMAR_PART_TEXT || parts[i].type == TAMAR_PART_IMAGE);
        if (!markable) tamar__dialect_cache_mark(o, &parts[i]);
        else if (parts[i].cache) plain = false;
        if (parts[i].type == TAMAR_PART_TOOL_RESULT) results++, tamar__dialect_chat_tool_result(o, &parts[i]);
        else if (tamar__dialect_chat_takes(o, &parts[i])) {
            content++;
            if (parts[i].type != TAMAR_PART_TEXT) plain = false;
        }
    }
    if (!content && (results || m->role == TAMAR_ROLE_TOOL)) return;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "role", m->role == TAMAR_ROLE_SYSTEM ? tamar__dialect_system_role(o) : "user");
    tamar__dialect_chat_name(o, m);
    if (plain && (content <= 1 || m->role == TAMAR_ROLE_SYSTEM))
        tamar__dialect_str_member(o, "content", tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &any));
    else {
        tamar_json_write_key(&o->w, "content");
        tamar_json_write_array(&o->w);
        for (i = 0; i < count; i++)
            if (tamar__dialect_chat_takes(o, &parts[i])) tamar__dialect_chat_part(o, &parts[i]);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// Where the vendor knows no schema, the system text asks for it.
static bool tamar__dialect_prompted_schema(const tamar__dialect_out *o)
{
    return o->rq->format == TAMAR_FORMAT_SCHEMA &&
           (o->to->provider->quirks & TAMAR_QUIRK_NO_SCHEMA || o->to->profile->flags & TAMAR_MODEL_NO_SCHEMA);
}

// The system text, with the schema where it has to stand there; NULL: none.
static const char *tamar__dialect_schema_prompt(tamar__dialect_out *o, bool prompted)
{
    const tamar_request *rq = o->rq;
    tamar__str_buf b;
    if (!prompted) return rq->system;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (rq->system) {
        tamar__str_puts(&b, rq->system);
        tamar__str_puts(&b, "\n\n");
    }
    tamar__str_puts(&b, "Answer with nothing but JSON that is valid against this JSON Schema:\n");
    tamar__str_puts(&b, rq->schema);
    return tamar__dialect_aside(o, &b).ptr;
}

static void tamar__dialect_chat_messages(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json own = o->extra.ptr ? tamar_json_get(o->extra, "messages") : o->extra;
    size_t i;
    tamar_message m;
    tamar_json_write_key(&o->w, "messages");
    if (own.ptr) {
        tamar_json_write_raw(&o->w, own.ptr, own.len);
        return;
    }
    tamar_json_write_array(&o->w);
    memset(&m, 0, sizeof m);
    m.role = TAMAR_ROLE_SYSTEM;
    m.text = tamar__dialect_schema_prompt(o, tamar__dialect_prompted_schema(o));
    if (m.text) tamar__dialect_chat_message(o, &m);
    for (i = 0; i < rq->message_count; i++) tamar__dialect_chat_message(o, &rq->messages[i]);
    if (rq->prompt) {
        m.role = TAMAR_ROLE_USER;
        m.text = rq->prompt;
        tamar__dialect_chat_message(o, &m);
    }
    tamar_json_write_end(&o->w);
}

// A schema as this model takes it.
static void tamar__dialect_chat_schema(tamar__dialect_out *o, tamar_str schema)
{
    tamar_json v, key, value;
    tamar_json_iter it;
    if (!(o->to->profile->flags & TAMAR_MODEL_PLAIN_SCHEMA) ||
        !tamar_json_parse(schema.ptr, schema.len, &v, NULL) || !tamar_json_get(v, "$schema").ptr) {
        tamar_json_write_raw(&o->w, schema.ptr, schema.len);
        return;
    }
    tamar_json_write_object(&o->w);
    it = tamar_json_iterate(v);
    while (tamar_json_next(&it, &key, &value)) {
        tamar_str name = tamar__json_text(o->arena, key);
        if (!name.ptr) o->starved = true;
        if (!name.ptr || tamar__str_is(name, "$schema")) continue;
        tamar_json_write_key_n(&o->w, name.ptr, name.len);
        tamar_json_write_raw(&o->w, value.ptr, value.len);
    }
    tamar_json_write_end(&o->w);
}

// The tool choice that this model can obey, with a warning where it is another one.
static tamar_tool_choice tamar__dialect_chat_choice_of(tamar__dialect_out *o)
{
    uint64_t flags = o->to->profile->flags;
    tamar_tool_choice choice = o->rq->tool_choice;
    if (choice >= TAMAR_TOOL_CHOICE_REQUIRED && flags & (TAMAR_MODEL_NO_FORCED_TOOL | TAMAR_MODEL_TOOL_AUTO)) {
        tamar__talk_warn(o->notes, "tool_choice", "this model cannot be forced to call a tool; auto was sent");
        return TAMAR_TOOL_CHOICE_AUTO;
    }
    if (choice == TAMAR_TOOL_CHOICE_NAMED && flags & TAMAR_MODEL_NO_NAMED_TOOL) {
        tamar__talk_warn(o->notes, "tool_choice",
                         "this provider cannot be told which tool to call; required was sent");
        return TAMAR_TOOL_CHOICE_REQUIRED;
    }
    return choice;
}

static void tamar__dialect_chat_tools(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    uint64_t quirks = o->to->provider->quirks;
    tamar_tool_choice choice;
    static const char *const words[] = { NULL, "auto", "none", "required" };
    tamar_str schema;
    bool strict;
    size_t i;
    if (!rq->tool_count && !(o->extra.ptr && tamar_json_get(o->extra, "tools").ptr)) {
        if (rq->tool_choice != TAMAR_TOOL_CHOICE_DEFAULT || rq->parallel_tool_calls.set)
            tamar__talk_warn(o->notes, "dropped",
                             "without tools tool_choice and parallel_tool_calls mean nothing; they were left out");
        return;
    }
    if (rq->tool_count && quirks & TAMAR_QUIRK_NO_TOOLS) {
        tamar__talk_warn(o->notes, "unsupported", "this provider knows no tools; they were left out");
        return;
    }
    if (rq->tool_choice == TAMAR_TOOL_CHOICE_NONE && o->to->profile->flags & TAMAR_MODEL_TOOL_AUTO) {
        tamar__talk_warn(o->notes, "tool_choice", "this model cannot be kept from its tools; they were left out");
        return;
    }
    choice = tamar__dialect_chat_choice_of(o);
    if (rq->tool_count && tamar__dialect_key(o, "tools")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->tool_count; i++) {
            const tamar_tool *t = &rq->tools[i];
            if (t->raw) {
                tamar__dialect_raw(o, t->raw);
                continue;
            }
            schema = tamar__str_z(t->parameters ? t->parameters : "{\"type\":\"object\",\"properties\":{}}");
            strict = t->strict && tamar__dialect_strict(o, &schema);
            tamar_json_write_object(&o->w);
            tamar__dialect_z_member(o, "type", "function");
            tamar_json_write_key(&o->w, "function");
            tamar_json_write_object(&o->w);
            tamar__dialect_z_member(o, "name", t->name);
            tamar__dialect_z_member(o, "description", t->description);
            if (t->parameters || strict) {
                tamar_json_write_key(&o->w, "parameters");
                tamar__dialect_chat_schema(o, schema);
            }
            if (strict) {
                tamar_json_write_key(&o->w, "strict");
                tamar_json_write_bool(&o->w, true);
            }
            tamar_json_write_end(&o->w);
            tamar_json_write_end(&o->w);
        }
        tamar_json_write_end(&o->w);
    }
    if (choice == TAMAR_TOOL_CHOICE_NAMED && tamar__dialect_key(o, "tool_choice")) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", "function");
        tamar_json_write_key(&o->w, "function");
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "name", rq->tool_name);
        tamar_json_write_end(&o->w);
        tamar_json_write_end(&o->w);
    }
    else if (choice > TAMAR_TOOL_CHOICE_DEFAULT && choice <= TAMAR_TOOL_CHOICE_REQUIRED &&
             tamar__dialect_key(o, "tool_choice")) {
        const char *word = words[choice];
        if (choice == TAMAR_TOOL_CHOICE_REQUIRED && quirks & TAMAR_QUIRK_TOOL_CHOICE_ANY) word = "any";
        tamar_json_write_string(&o->w, word, strlen(word));
    }
    if (rq->parallel_tool_calls.set) {
        if (quirks & TAMAR_QUIRK_NO_PARALLEL)
            tamar__talk_warn(o->notes, "unsupported", "this provider has no parallel_tool_calls; it was left out");
        else if (tamar__dialect_key(o, "parallel_tool_calls"))
            tamar_json_write_bool(&o->w, rq->parallel_tool_calls.value != 0);
    }
}

static void tamar__dialect_chat_format(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_str schema = tamar__str_z(rq->schema);
    bool strict = !rq->schema_strict.set || rq->schema_strict.value;
    if (rq->format == TAMAR_FORMAT_TEXT || !tamar__dialect_key(o, "response_format")) return;
    tamar_json_write_object(&o->w);
    if (rq->format == TAMAR_FORMAT_JSON && o->to->profile->flags & TAMAR_MODEL_NO_JSON_MODE) {
        tamar__dialect_z_member(o, "type", "json_schema");
        tamar_json_write_key(&o->w, "json_schema");
        tamar__dialect_raw(o, "{\"schema\":{\"type\":\"object\"}}");
    }
    else if (rq->format == TAMAR_FORMAT_JSON || tamar__dialect_prompted_schema(o)) {
        if (rq->format == TAMAR_FORMAT_SCHEMA)
            tamar__talk_warn(o->notes, "schema",
                             "this provider cannot enforce a schema; the system text asks for it");
        tamar__dialect_z_member(o, "type", "json_object");
    }
    else {
        tamar__dialect_z_member(o, "type", "json_schema");
        tamar_json_write_key(&o->w, "json_schema");
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "name", rq->schema_name ? rq->schema_name : "response");
        tamar__dialect_z_member(o, "description", rq->schema_description);
        if (strict) strict = tamar__dialect_strict(o, &schema);
        tamar_json_write_key(&o->w, "strict");
        tamar_json_write_bool(&o->w, strict);
        tamar_json_write_key(&o->w, "schema");
        tamar__dialect_chat_schema(o, schema);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// Reasoning on, off, and how much of it, in this provider's and this model's words.
static void tamar__dialect_chat_effort(tamar__dialect_out *o, tamar_effort effort)
{
    static const char *const words[] = { NULL, "none", "minimal", "low", "medium", "high", "xhigh", "max" };
    static const int budgets[] = { 0, 0, 1024, 2048, 8192, 16384, 24576, 32768 };
    uint64_t quirks = o->to->provider->quirks, flags = o->to->profile->flags;
    bool off = effort == TAMAR_EFFORT_OFF;
    if (effort == TAMAR_EFFORT_DEFAULT) return;
    if (quirks & TAMAR_QUIRK_REASONING_OBJECT) {
        if (!tamar__dialect_key(o, "reasoning")) return;
        tamar_json_write_object(&o->w);
        if (off) {
            tamar_json_write_key(&o->w, "enabled");
            tamar_json_write_bool(&o->w, false);
        }
        else tamar__dialect_z_member(o, "effort", words[effort]);
        tamar_json_write_end(&o->w);
        return;
    }
    if ((quirks & TAMAR_QUIRK_THINKING_SWITCH || flags & TAMAR_MODEL_THINKING_TYPE) &&
        tamar__dialect_key(o, "thinking")) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", off ? "disabled" : "enabled");
        tamar_json_write_end(&o->w);
        if (off) return;
    }
    if (flags & TAMAR_MODEL_ENABLE_THINKING && tamar__dialect_key(o, "enable_thinking")) {
        tamar_json_write_bool(&o->w, !off);
        if (off) return;
    }
    if (flags & TAMAR_MODEL_TEMPLATE_THINKING && tamar__dialect_key(o, "chat_template_kwargs")) {
        tamar__dialect_raw(o, off ? "{\"enable_thinking\":false}" : "{\"enable_thinking\":true}");
        if (off) return;
    }
    if (flags & TAMAR_MODEL_ON_OFF) {
        if (!off)
            tamar__talk_warn(o->notes, "effort", "this model's reasoning has no levels; it was switched on");
        return;
    }
    if (flags & TAMAR_MODEL_BUDGET) {
        if (!off && tamar__dialect_key(o, "thinking_budget")) tamar_json_write_int(&o->w, budgets[effort]);
        return;
    }
    if (tamar__dialect_key(o, "reasoning_effort"))
        tamar_json_write_string(&o->w, words[effort], strlen(words[effort]));
}

static void tamar__dialect_number(tamar__dialect_out *o, const char *key, tamar_opt_double v, const char *refused)
{
    if (!v.set) return;
    if (refused) tamar__talk_warn(o->notes, "unsupported", refused);
    else if (tamar__dialect_key(o, key)) tamar_json_write_double(&o->w, v.value);
}

// As many stop sequences as there may be, none longer than it may be.
static void tamar__dialect_chat_stop(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    uint64_t quirks = o->to->provider->quirks, flags = o->to->profile->flags;
    size_t most = rq->stop_count, i, k, n, taken = 0;
    bool open = false;
    if (flags & TAMAR_MODEL_NO_STOP || quirks & TAMAR_QUIRK_NO_STOP) {
        tamar__talk_warn(o->notes, "unsupported", "this model takes no stop sequences; they were left out");
        return;
    }
    if (flags & TAMAR_MODEL_STOP_FIVE_SHORT) most = 5;
    if (flags & TAMAR_MODEL_STOP_FOUR_SHORT || quirks & TAMAR_QUIRK_FOUR_STOPS) most = 4;
    if (flags & TAMAR_MODEL_STOP_ONE) most = 1;
    for (i = 0; i < rq->stop_count; i++) {
        size_t len = strlen(rq->stop[i]);
        for (n = k = 0; k < len; k++)
            if (((unsigned char)rq->stop[i][k] & 0xC0) != 0x80) n++;
        if ((flags & TAMAR_MODEL_STOP_FOUR_SHORT && n > 20) || (flags & TAMAR_MODEL_STOP_FIVE_SHORT && len > 32)) {
            tamar__talk_warn(o->notes, "unsupported", "this model takes short stop sequences only; one was left out");
            continue;
        }
        if (taken == most) {
            tamar__talk_warn(o->notes, "unsupported",
                             "this provider takes fewer stop sequences; the rest was left out");
            break;
        }
        if (!taken++) {
            open = tamar__dialect_key(o, "stop");
            if (open) tamar_json_write_array(&o->w);
        }
        if (open) tamar_json_write_string(&o->w, rq->stop[i], len);
    }
    if (open) tamar_json_write_end(&o->w);
}

// What a model's profile and a provider's row allow of the sampling parameters.
static void tamar__dialect_chat_sampling(tamar__dialect_out *o, tamar_effort effort)
{
    const tamar_request *rq = o->rq;
    const tamar_model_profile *profile = o->to->profile;
    uint64_t quirks = o->to->provider->quirks;
    bool reasons = profile->flags & TAMAR_MODEL_REASONS;
    bool fixed = profile->flags & TAMAR_MODEL_NO_SAMPLING ||
                 (profile->flags & TAMAR_MODEL_SAMPLES_WHEN_OFF && effort != TAMAR_EFFORT_OFF);
    const char *refused =
        fixed ? "this model takes no sampling parameters while it reasons; they were left out" : NULL;
    const char *penalties = reasons || quirks & TAMAR_QUIRK_NO_PENALTIES
                                ? "this model takes no penalties; they were left out"
                                : NULL;
    const char *logprobs = (reasons && fixed) || quirks & TAMAR_QUIRK_NO_LOGPROBS
                               ? "this model gives no logprobs; they were left out"
                               : NULL;
    const char *frequency;
    tamar_opt_double temperature = rq->temperature;
    if (fixed && !penalties) penalties = refused;
    frequency = !penalties && profile->flags & TAMAR_MODEL_NO_FREQUENCY
                    ? "this model takes no frequency penalty; it was left out"
                    : penalties;
    if (profile->flags & TAMAR_MODEL_UNIT_TEMPERATURE && temperature.set && !refused &&
        (temperature.value > 1 || temperature.value < 0.01)) {
        tamar__talk_warn(o->notes, "clamped", "this model's temperature goes from 0.01 to 1; the nearest was sent");
        temperature.value = temperature.value > 1 ? 1 : 0.01;
    }
    tamar__dialect_number(o, "temperature", temperature, refused);
    tamar__dialect_number(o, "top_p", rq->top_p, refused);
    if (rq->top_k.set) {
        if (refused || !(profile->flags & TAMAR_MODEL_TOP_K))
            tamar__talk_warn(o->notes, "unsupported", "this model takes no top_k; it was left out");
        else if (tamar__dialect_key(o, "top_k")) tamar_json_write_int(&o->w, rq->top_k.value);
    }
    tamar__dialect_number(o, "frequency_penalty", rq->frequency_penalty, frequency);
    tamar__dialect_number(o, "presence_penalty", rq->presence_penalty, penalties);
    if (rq->seed.set) {
        if (quirks & TAMAR_QUIRK_NO_SEED)
            tamar__talk_warn(o->notes, "unsupported", "this provider takes no seed; it was left out");
        else if (tamar__dialect_key(o, quirks & TAMAR_QUIRK_RANDOM_SEED ? "random_seed" : "seed"))
            tamar_json_write_int(&o->w, rq->seed.value);
    }
    if (rq->logprobs.set || rq->top_logprobs.set) {
        if (logprobs) tamar__talk_warn(o->notes, "unsupported", logprobs);
        else if (quirks & TAMAR_QUIRK_LOGPROBS_COUNT) {
            if (tamar__dialect_key(o, "logprobs"))
                tamar_json_write_int(&o->w, rq->top_logprobs.set ? rq->top_logprobs.value : rq->logprobs.value);
        }
        else {
            if (tamar__dialect_key(o, "logprobs"))
                tamar_json_write_bool(&o->w, !rq->logprobs.set || rq->logprobs.value);
            if (rq->top_logprobs.set && tamar__dialect_key(o, "top_logprobs"))
                tamar_json_write_int(&o->w, rq->top_logprobs.value);
        }
    }
    if (rq->stop_count) tamar__dialect_chat_stop(o);
}

// What stands between the head of a request and its messages.
static void tamar__dialect_chat_members(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    const tamar_model_profile *profile = o->to->profile;
    uint64_t quirks = o->to->provider->quirks;
    tamar_effort effort = rq->effort;
    bool still = profile->flags & TAMAR_MODEL_STREAM_TO_THINK && !rq->stream;
    if (effort == TAMAR_EFFORT_DEFAULT && (still || profile->flags & TAMAR_MODEL_OFF_BY_DEFAULT))
        effort = TAMAR_EFFORT_OFF;
    else if (still && effort > TAMAR_EFFORT_OFF) {
        tamar__talk_warn(o->notes, "effort", "this model reasons in a stream only; reasoning was switched off");
        effort = TAMAR_EFFORT_OFF;
    }
    else if (effort != TAMAR_EFFORT_DEFAULT) {
        effort = tamar__model_effort(profile, rq->effort);
        if (effort != rq->effort)
            tamar__talk_warn(o->notes, "effort",
                             effort == TAMAR_EFFORT_DEFAULT
                                 ? "this model has no reasoning effort; it was left out"
                                 : "this model does not have this reasoning effort; the nearest one was sent");
    }
    if (profile->flags & TAMAR_MODEL_TOOLS_NEED_OFF && rq->tool_count && effort != TAMAR_EFFORT_OFF) {
        if (effort != TAMAR_EFFORT_DEFAULT)
            tamar__talk_warn(
                o->notes, "effort",
                "with tools this model reasons only through the Responses API; reasoning was switched off");
        effort = TAMAR_EFFORT_OFF;
    }
    if (profile->flags & TAMAR_MODEL_REASONING_SPLIT && tamar__dialect_key(o, "reasoning_split"))
        tamar_json_write_bool(&o->w, true);
    if (rq->max_tokens > 0) {
        bool completion = quirks & TAMAR_QUIRK_MAX_COMPLETION_TOKENS || profile->flags & TAMAR_MODEL_COMPLETION_TOKENS;
        if (tamar__dialect_key(o, completion ? "max_completion_tokens" : "max_tokens"))
            tamar_json_write_int(&o->w, rq->max_tokens);
    }
    tamar__dialect_chat_sampling(o, effort);
    tamar__dialect_chat_effort(o, effort);
    if (rq->choices > 1)
        tamar__talk_warn(o->notes, "unsupported", "only the first answer is read; ask several times for several");
    if (rq->verbosity && tamar__dialect_key(o, "verbosity"))
        tamar_json_write_string(&o->w, rq->verbosity, strlen(rq->verbosity));
    if (rq->user) {
        const char *key = quirks & TAMAR_QUIRK_SAFETY_IDENTIFIER ? "safety_identifier"
                          : quirks & TAMAR_QUIRK_USER_ID         ? "user_id"
                                                                 : "user";
        if (quirks & TAMAR_QUIRK_NO_USER)
            tamar__talk_warn(o->notes, "unsupported", "this provider takes no end user id; it was left out");
        else if (tamar__dialect_key(o, key)) tamar_json_write_string(&o->w, rq->user, strlen(rq->user));
    }
    if (rq->cache_key && tamar__dialect_key(o, "prompt_cache_key"))
        tamar_json_write_string(&o->w, rq->cache_key, strlen(rq->cache_key));
    if (rq->service_tier && tamar__dialect_key(o, "service_tier"))
        tamar_json_write_string(&o->w, rq->service_tier, strlen(rq->service_tier));
    if (rq->store.set && tamar__dialect_key(o, "store")) tamar_json_write_bool(&o->w, rq->store.value != 0);
    if (rq->metadata && tamar__dialect_key(o, "metadata")) tamar__dialect_raw(o, rq->metadata);
    tamar__dialect_chat_tools(o);
    tamar__dialect_chat_format(o);
}

// Everything fixed first, messages last: a longer conversation then begins with the same bytes, and prompt caches hit.
static void tamar__dialect_chat_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    uint64_t quirks = o->to->provider->quirks;
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    if (rq->stream) {
        if (tamar__dialect_key(o, "stream")) tamar_json_write_bool(&o->w, true);
        if (!(quirks & TAMAR_QUIRK_NO_STREAM_OPTIONS) && tamar__dialect_key(o, "stream_options")) {
            tamar_json_write_object(&o->w);
            tamar_json_write_key(&o->w, "include_usage");
            tamar_json_write_bool(&o->w, true);
            if (quirks & TAMAR_QUIRK_OBFUSCATION) {
                tamar_json_write_key(&o->w, "include_obfuscation");
                tamar_json_write_bool(&o->w, false);
            }
            tamar_json_write_end(&o->w);
        }
    }
    tamar__dialect_chat_members(o);
    if (o->extra.ptr) tamar__dialect_extra(o);
    tamar__dialect_chat_messages(o);
    tamar_json_write_end(&o->w);
}

// -- openai-chat: answers --------------------------------------------------------------------------

static void tamar__dialect_first_text(tamar__dialect_decoder *d, tamar_str *slot, tamar_json v)
{
    if (slot->len || tamar_json_type_of(v) != TAMAR_JSON_STRING || v.len <= 2) return;
    *slot = tamar__json_text(d->arena, v);
    if (!slot->ptr) d->damaged = true;
    d->effects += 2;
}

typedef struct tamar__dialect_counts {
    int64_t value[6];
    signed char rank[6];  // of the name that it came under
    bool given;
} tamar__dialect_counts;

// One member of usage or of its details. Which count a name means is a table; of two names for one count the one that
// stands lower in it wins (some servers write both, one of them 0), and details win over usage itself.
static void tamar__dialect_usage_member(tamar_json_reader *r, tamar_json key, tamar__dialect_counts *counts,
                                        bool details)
{
    static const struct {
        const char *name;
        signed char len, count, place, rank;  // place 0: usage itself, 1: details, 2: either
    } rows[] = {  // in the order of their lengths
        { "input_tokens", 12, 0, 0, 1 },
        { "total_tokens", 12, 2, 0, 1 },
        { "prompt_tokens", 13, 0, 0, 2 },
        { "output_tokens", 13, 1, 0, 1 },
        { "cached_tokens", 13, 3, 2, 3 },
        { "reasoning_tokens", 16, 5, 2, 1 },
        { "completion_tokens", 17, 1, 0, 2 },
        { "num_cached_tokens", 17, 3, 0, 2 },
        { "cache_write_tokens", 18, 4, 2, 1 },
        { "cache_creation_tokens", 21, 4, 2, 2 },
        { "prompt_cache_hit_tokens", 23, 3, 0, 1 },
        { "cache_creation_input_tokens", 27, 4, 2, 3 },
    };
    static const unsigned char first[] = { 0, 2, 12, 12, 5, 6, 8, 12, 12, 9, 12, 10, 12, 12, 12, 11 };  // of a length
    size_t i, len = key.len - 2;
    signed char rank;
    int64_t n;
    if (len < 12 || len > 27) return;
    for (i = first[len - 12]; i < sizeof rows / sizeof *rows && (size_t)rows[i].len == len; i++) {
        if (rows[i].name[0] != key.ptr[1] || memcmp(key.ptr + 1, rows[i].name, len)) continue;
        if (rows[i].place != 2 && rows[i].place != (details ? 1 : 0)) return;
        rank = (signed char)(rows[i].rank + (details ? 64 : 0));
        if (rank < counts->rank[rows[i].count] || !tamar__json_lenient_int(tamar_json_read_value(r), &n) || n < 0)
            return;
        counts->value[rows[i].count] = n;
        counts->rank[rows[i].count] = rank;
        return;
    }
}

// Usage in all the clothes that this family wears, while the reader passes over it.
static void tamar__dialect_usage_read(tamar_json_reader *r, tamar__dialect_counts *counts)
{
    tamar_json key, inner;
    memset(counts, 0, sizeof *counts);
    if (!tamar_json_read_object(r)) return;
    counts->given = true;
    while (tamar_json_read_key(r, &key))
        if (key.len > 16 && !memcmp(key.ptr + key.len - 16, "_tokens_details\"", 16) && tamar_json_read_object(r)) {
            while (tamar_json_read_key(r, &inner)) tamar__dialect_usage_member(r, inner, counts, true);
        }
        else tamar__dialect_usage_member(r, key, counts, false);
}

// The last object wins, whole.
static void tamar__dialect_chat_usage(tamar__dialect_decoder *d, const tamar__dialect_counts *counts)
{
    tamar_opt_int *slots[6];
    tamar_usage u;
    size_t i;
    memset(&u, 0, sizeof u);
    slots[0] = &u.input_tokens, slots[1] = &u.output_tokens, slots[2] = &u.total_tokens;
    slots[3] = &u.cached_input_tokens, slots[4] = &u.cache_write_tokens, slots[5] = &u.reasoning_tokens;
    for (i = 0; i < 6; i++) {
        slots[i]->set = counts->rank[i] > 0;
        slots[i]->value = counts->value[i];
    }
    // Some vendors count reasoning beside the completion, not in it: their own total tells.
    if (u.reasoning_tokens.value > 0 && u.input_tokens.set && u.output_tokens.set && u.total_tokens.set &&
        u.total_tokens.value >= u.input_tokens.value &&
        u.total_tokens.value - u.input_tokens.value - u.output_tokens.value == u.reasoning_tokens.value)
        u.output_tokens.value += u.reasoning_tokens.value;
    d->usage = u;
    d->effects += 2;
}

static bool tamar__dialect_blank(tamar_json v)  // no text in it
{
    return tamar_json_type_of(v) != TAMAR_JSON_STRING || v.len <= 2;
}

// Which call does this delta go on with? By id, else by index, else by name, else the last one. A server that reuses
// an index says so with another id or name; one that repeats them on every delta means the same call.
static tamar__dialect_call *tamar__dialect_chat_find(tamar__dialect_decoder *d, tamar_json id, tamar_json name,
                                                     int64_t index)
{
    tamar__dialect_call *c = NULL;
    tamar_json whole;
    size_t i;
    bool has_id = !tamar__dialect_blank(id), has_name = !tamar__dialect_blank(name);
    if (has_id)
        for (i = d->call_count; i > 0; i--)
            if (d->calls[i - 1]->id.len && tamar_json_is(id, d->calls[i - 1]->id.ptr) &&
                (index < 0 || d->calls[i - 1]->index == index || d->calls[i - 1]->index < 0) &&
                (!has_name || !d->calls[i - 1]->name.len || tamar_json_is(name, d->calls[i - 1]->name.ptr)))
                return d->calls[i - 1];
    if (index >= 0) {
        for (i = d->call_count; i > 0 && !c; i--)
            if (d->calls[i - 1]->index == index) c = d->calls[i - 1];
    }
    else if (d->call_count) c = d->calls[d->call_count - 1];
    if (!c) return tamar__dialect_call_add(d, index);
    if (index < 0) {  // no index: a new id or a name begins a call, unless the last one still waits for its own
        if (has_id && c->id.len) return tamar__dialect_call_add(d, index);
        if (has_name && c->name.len) return tamar__dialect_call_add(d, index);
        return c;
    }
    if (has_id && c->id.len && has_name) {  // another id at the same index
        if (!tamar_json_is(name, c->name.ptr ? c->name.ptr : "")) return tamar__dialect_call_add(d, index);
        if (!c->arguments.len || tamar_json_parse(c->arguments.ptr, c->arguments.len, &whole, NULL))
            return tamar__dialect_call_add(d, index);
        return c;
    }
    if (has_name && c->name.len && !tamar_json_is(name, c->name.ptr)) return tamar__dialect_call_add(d, index);
    return c;
}

static void tamar__dialect_chat_arguments(tamar__dialect_decoder *d, tamar__dialect_call *c, tamar_json v)
{
    bool good = true;
    switch (tamar_json_type_of(v)) {
    case TAMAR_JSON_STRING:
        if (v.len > 2 && !c->whole) good = tamar__json_append(&c->arguments, v, &c->carry);
        break;
    case TAMAR_JSON_OBJECT: case TAMAR_JSON_ARRAY:  // not a string that holds JSON but the JSON itself, at once
        if (!c->whole && !c->arguments.len) good = tamar__json_append_bytes(&c->arguments, v.ptr, v.len, &c->carry);
        c->whole = true;
        break;
    default: break;
    }
    if (!good) d->damaged = true;
}

static void tamar__dialect_chat_call(tamar__dialect_decoder *d, tamar_json item, bool whole)
{
    tamar_json id = tamar_json_get(item, "id"), function = tamar_json_get(item, "function"),
               custom = tamar_json_get(item, "custom");
    tamar_json name, extra = tamar_json_get(item, "extra_content"), at = tamar_json_get(item, "index");
    int64_t index = -1;
    tamar__dialect_call *c;
    bool is_custom =
        tamar_json_is(tamar_json_get(item, "type"), "custom") && tamar_json_type_of(custom) == TAMAR_JSON_OBJECT;
    d->effects += 2;
    if (tamar_json_type_of(item) != TAMAR_JSON_OBJECT) return;
    if (at.ptr && (!tamar__json_lenient_int(at, &index) || index < 0)) index = -1;
    name = tamar_json_get(is_custom ? custom : function, "name");
    if (!name.ptr) name = tamar_json_get(item, "name");
    c = whole ? tamar__dialect_call_add(d, -1) : tamar__dialect_chat_find(d, id, name, index);
    if (!c) return;
    if (is_custom && !c->arguments.len) c->custom = true;
    tamar__dialect_first_text(d, &c->id, id);
    tamar__dialect_first_text(d, &c->name, name);
    if (is_custom) extra.len = 0, extra.ptr = NULL;  // such a call's opaque part says that it is one
    if (tamar_json_type_of(extra) == TAMAR_JSON_OBJECT && !c->extra.len) {
        char *copy = tamar__arena_copy(d->arena, extra.ptr, extra.len);
        if (copy) c->extra = tamar__str_make(copy, extra.len);
        else d->damaged = true;
    }
    if (is_custom) tamar__dialect_chat_arguments(d, c, tamar_json_get(custom, "input"));
    else if (function.ptr) tamar__dialect_chat_arguments(d, c, tamar_json_get(function, "arguments"));
    else tamar__dialect_chat_arguments(d, c, tamar_json_get(item, "arguments"));
}

// The old way to call: one function, no id. An empty one is no call (servers that write every field of their structs).
static void tamar__dialect_chat_function_call(tamar__dialect_decoder *d, tamar_json call)
{
    tamar__dialect_call *c = d->call_count ? d->calls[d->call_count - 1] : NULL;
    tamar_json name = tamar_json_get(call, "name"), arguments = tamar_json_get(call, "arguments");
    d->effects += 2;
    if (tamar_json_type_of(call) != TAMAR_JSON_OBJECT || (tamar__dialect_blank(name) && !c)) return;
    if (!c) c = tamar__dialect_call_add(d, -1);
    if (!c) return;
    tamar__dialect_first_text(d, &c->name, name);
    tamar__dialect_chat_arguments(d, c, arguments);
}

// Content that is not a string: parts, as Mistral sends them, or the JSON itself.
static void tamar__dialect_chat_parts(tamar__dialect_decoder *d, tamar_json content)
{
    tamar_json_iter it = tamar_json_iterate(content), inner;
    tamar_json key, part, type, text, piece;
    if (tamar_json_type_of(content) == TAMAR_JSON_OBJECT) {
        tamar__dialect_append_raw(d, TAMAR_PART_TEXT, content);
        return;
    }
    while (tamar_json_next(&it, &key, &part)) {
        if (tamar_json_type_of(part) == TAMAR_JSON_STRING) {
            tamar__dialect_append(d, TAMAR_PART_TEXT, part);
            continue;
        }
        type = tamar_json_get(part, "type");
        if (tamar_json_is(type, "thinking") || tamar_json_is(type, "reasoning")) {
            text = tamar_json_get(part, "thinking");
            if (!text.ptr) text = tamar_json_get(part, "text");
            if (tamar_json_type_of(text) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_REASONING, text);
            inner = tamar_json_iterate(text);
            if (tamar_json_type_of(text) == TAMAR_JSON_ARRAY)
                while (tamar_json_next(&inner, &key, &piece)) {
                    tamar_json t = tamar_json_get(piece, "text");
                    if (tamar_json_type_of(t) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_REASONING, t);
                }
        }
        else if (tamar_json_is(type, "refusal"))
            tamar__dialect_append(d, TAMAR_PART_REFUSAL, tamar_json_get(part, "refusal"));
        else if (tamar_json_is(type, "image_url")) {
            tamar_json url = tamar_json_get(part, "image_url");
            tamar__dialect_image(d, tamar_json_type_of(url) == TAMAR_JSON_OBJECT ? tamar_json_get(url, "url") : url);
        }
        else {
            text = tamar_json_get(part, "text");
            if (tamar_json_type_of(text) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_TEXT, text);
        }
    }
    d->effects += 2;
}

// MiniMax tells all of its reasoning so far each time. True: this item does, and what is new of it was appended.
static bool tamar__dialect_chat_grown(tamar__dialect_decoder *d, tamar_json item)
{
    tamar_json text = tamar_json_get(item, "text");
    char word[16];
    tamar__str_buf whole;
    tamar__json_carry carry;
    bool grown;
    if (!tamar__str_starts(tamar__dialect_short(tamar_json_get(item, "format"), word, sizeof word), "MiniMax") ||
        !d->reasoning.len || tamar__dialect_blank(text))
        return false;
    tamar__str_init(&whole, d->arena, SIZE_MAX / 2);
    memset(&carry, 0, sizeof carry);
    if (!tamar__json_append(&whole, text, &carry)) d->damaged = true;
    grown = whole.len >= d->reasoning.len && !memcmp(whole.ptr, d->reasoning.ptr, d->reasoning.len);
    if (grown) {
        text.ptr = whole.ptr + d->reasoning.len;
        text.len = whole.len - d->reasoning.len;
    }
    if (grown && text.len) tamar__dialect_append_raw(d, TAMAR_PART_REASONING, text);
    tamar__str_free(&whole);
    return grown;
}

// OpenRouter's typed reasoning: kept whole and in order for the next turn; its text counts only where there is no
// other.
static void tamar__dialect_chat_details(tamar__dialect_decoder *d, tamar_json details, bool with_text)
{
    tamar_json_iter it = tamar_json_iterate(details);
    tamar_json key, item;
    bool good = true;
    d->effects += 2;
    while (tamar_json_next(&it, &key, &item)) {
        if (tamar__dialect_chat_grown(d, item)) {
            d->details.len = 0;  // the last one has it all
            with_text = false;
        }
        good = good && tamar__str_putc(&d->details, d->details.len ? ',' : '[') &&
               tamar__str_put(&d->details, item.ptr, item.len);
        if (with_text) {
            tamar_json text = tamar_json_get(item, "text");
            if (tamar__dialect_blank(text)) text = tamar_json_get(item, "summary");
            if (!tamar__dialect_blank(text)) tamar__dialect_append(d, TAMAR_PART_REASONING, text);
        }
    }
    if (!good) d->damaged = true;
    if (d->details.len) tamar__dialect_open(d, TAMAR_PART_REASONING);
}

// What a delta or a message holds, as views; nothing is decoded before the whole record is known to be good.
typedef struct tamar__dialect_chat_views {
    tamar_json content, refusal, calls, call, details, steps, annotations, images;
    tamar_json reasoning[4];  // under its four names, the first that says something counts
    bool given;
} tamar__dialect_chat_views;

static void tamar__dialect_chat_collect(tamar_json_reader *r, tamar__dialect_chat_views *v)
{
    tamar_json key, value, *slot;
    memset(v, 0, sizeof *v);
    if (!tamar_json_read_object(r)) return;
    v->given = true;
    while (tamar_json_read_key(r, &key)) {
        const char *name = key.ptr + 1;
        slot = NULL;
        switch (key.len) {  // with its quotes
        case 8: if (!memcmp(name, "images", 6)) slot = &v->images; break;
        case 9:
            if (!memcmp(name, "content", 7)) slot = &v->content;
            else if (!memcmp(name, "refusal", 7)) slot = &v->refusal;
            break;
        case 10: if (!memcmp(name, "thinking", 8)) slot = &v->reasoning[3]; break;
        case 11: if (!memcmp(name, "reasoning", 9)) slot = &v->reasoning[1]; break;
        case 12: if (!memcmp(name, "tool_calls", 10)) slot = &v->calls; break;
        case 13: if (!memcmp(name, "annotations", 11)) slot = &v->annotations; break;
        case 15: if (!memcmp(name, "function_call", 13)) slot = &v->call; break;
        case 16: if (!memcmp(name, "reasoning_text", 14)) slot = &v->reasoning[2]; break;
        case 17: if (!memcmp(name, "reasoning_steps", 15)) slot = &v->steps; break;
        case 19:
            if (!memcmp(name, "reasoning_content", 17)) slot = &v->reasoning[0];
            else if (!memcmp(name, "reasoning_details", 17)) slot = &v->details;
            break;
        default: break;
        }
        if (!slot) continue;
        value = tamar_json_read_value(r);
        if (value.len && *value.ptr != 'n') *slot = value;  // null says nothing
    }
}

// A delta of a stream, or a whole message: the same members mean the same.
static void tamar__dialect_chat_message_in(tamar__dialect_decoder *d, const tamar__dialect_chat_views *v, bool whole)
{
    tamar_json_iter it;
    tamar_json key, value;
    size_t i;
    bool spoke = false;
    for (i = 0; i < 4 && !spoke; i++)
        if (!tamar__dialect_blank(v->reasoning[i])) {
            tamar__dialect_append(d, TAMAR_PART_REASONING, v->reasoning[i]);
            spoke = true;
        }
    if (tamar_json_type_of(v->details) == TAMAR_JSON_ARRAY) tamar__dialect_chat_details(d, v->details, !spoke);
    if (tamar_json_type_of(v->steps) == TAMAR_JSON_ARRAY && !spoke) {
        it = tamar_json_iterate(v->steps);
        while (tamar_json_next(&it, &key, &value))
            if (!tamar__dialect_blank(tamar_json_get(value, "thought")))
                tamar__dialect_append(d, TAMAR_PART_REASONING, tamar_json_get(value, "thought"));
        d->effects += 2;
    }
    if (v->content.ptr) {
        if (*v->content.ptr == '"') tamar__dialect_append(d, TAMAR_PART_TEXT, v->content);
        else if (*v->content.ptr == '[' || *v->content.ptr == '{') tamar__dialect_chat_parts(d, v->content);
    }
    if (v->refusal.ptr && *v->refusal.ptr == '"') tamar__dialect_append(d, TAMAR_PART_REFUSAL, v->refusal);
    if (v->calls.ptr && *v->calls.ptr == '[') {
        it = tamar_json_iterate(v->calls);
        while (tamar_json_next(&it, &key, &value)) tamar__dialect_chat_call(d, value, whole);
    }
    if (v->call.ptr) tamar__dialect_chat_function_call(d, v->call);
    if (v->annotations.ptr && *v->annotations.ptr == '[') {
        it = tamar_json_iterate(v->annotations);
        while (tamar_json_next(&it, &key, &value)) {
            tamar_json cite = tamar_json_get(value, "url_citation");
            if (!cite.ptr) cite = value;
            tamar__dialect_cite(d, tamar_json_get(cite, "url"), tamar_json_get(cite, "title"));
        }
        d->effects += 2;
    }
    if (v->images.ptr && *v->images.ptr == '[') {
        it = tamar_json_iterate(v->images);
        while (tamar_json_next(&it, &key, &value)) tamar__dialect_image(d, tamar_json_at(value, "image_url/url"));
        d->effects += 2;
    }
}

static void tamar__dialect_finish_word(tamar__dialect_decoder *d, tamar_json v)
{
    tamar_str word;
    if (tamar__dialect_blank(v)) return;
    d->effects += 2;
    if (d->finish_raw.len && tamar_json_is(v, d->finish_raw.ptr)) return;
    word = tamar__json_text(d->arena, v);
    if (!word.ptr) d->damaged = true;
    else d->finish_raw = word;
}

typedef struct tamar__dialect_chat_choice {
    tamar__dialect_chat_views delta, message;
    tamar_json reason, error;
    tamar__dialect_counts usage;  // Kimi's place for it
    bool filtered;
} tamar__dialect_chat_choice;

// choices[0], however it is marked: the first element without an index, or the one whose index is 0. The last wins.
static void tamar__dialect_chat_choices(tamar_json_reader *r, tamar__dialect_chat_choice *out)
{
    tamar__dialect_chat_choice other, *c = out;  // the first element is nearly always the one
    tamar_json key;
    int64_t position = 0, index;
    memset(out, 0, sizeof *out);
    if (!tamar_json_read_array(r)) return;
    for (; tamar_json_read_element(r); position++) {
        index = position;
        if (position) {
            c = &other;
            memset(c, 0, sizeof *c);
        }
        if (!tamar_json_read_object(r)) continue;
        while (tamar_json_read_key(r, &key))
            switch (key.len) {  // with its quotes
            case 6:  // Baidu: 2 and more is for the user to be told, or not to see at all
                if (!memcmp(key.ptr + 1, "flag", 4)) {
                    int64_t n;
                    if (tamar__json_lenient_int(tamar_json_read_value(r), &n) && n >= 2) c->filtered = true;
                }
                break;
            case 7:
                if (!memcmp(key.ptr + 1, "delta", 5)) tamar__dialect_chat_collect(r, &c->delta);
                else if (!memcmp(key.ptr + 1, "usage", 5)) tamar__dialect_usage_read(r, &c->usage);
                else if (!memcmp(key.ptr + 1, "error", 5)) c->error = tamar_json_read_value(r);
                else if (!memcmp(key.ptr + 1, "index", 5)) {
                    int64_t n;
                    if (tamar__json_lenient_int(tamar_json_read_value(r), &n)) index = n;
                }
                break;
            case 9: if (!memcmp(key.ptr + 1, "message", 7)) tamar__dialect_chat_collect(r, &c->message); break;
            case 15: if (!memcmp(key.ptr + 1, "finish_reason", 13)) c->reason = tamar_json_read_value(r); break;
            case 21:  // Ark
                if (!memcmp(key.ptr + 1, "moderation_hit_type", 19) &&
                    !tamar__dialect_blank(tamar_json_read_value(r)))
                    c->filtered = true;
                break;
            default: break;
            }
        if (index == 0 && position) *out = *c;
        else if (index && !position) memset(out, 0, sizeof *out);
    }
}

static void tamar__dialect_chat_choice_in(tamar__dialect_decoder *d, const tamar__dialect_chat_choice *c,
                                          bool streaming)
{
    if (streaming && c->delta.given) tamar__dialect_chat_message_in(d, &c->delta, false);
    else if (c->message.given) {
        if (!streaming || !d->committed) tamar__dialect_chat_message_in(d, &c->message, !streaming);
        d->effects += 2;  // what it does depends on what came before: not for the memo
    }
    else if (c->delta.given) tamar__dialect_chat_message_in(d, &c->delta, true);
    tamar__dialect_finish_word(d, c->reason);
    if (c->filtered) d->filtered = true, d->effects += 2;
    if (!tamar__dialect_blank(c->reason) && tamar_json_is(c->reason, "repetition_truncation"))
        tamar__talk_warn(&d->notes, "repetition", "the answer repeated itself; the vendor cut it off");
}

static void tamar__dialect_chat_sources(tamar__dialect_decoder *d, tamar_json results, tamar_json citations)
{
    tamar_json_iter it = tamar_json_iterate(results);
    tamar_json key, item, none;
    none.ptr = NULL, none.len = 0;
    while (tamar_json_type_of(results) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &item))
        tamar__dialect_cite(d, tamar_json_get(item, tamar_json_get(item, "url").ptr ? "url" : "link"),
                            tamar_json_get(item, "title"));
    it = tamar_json_iterate(citations);
    while (tamar_json_type_of(citations) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &item))
        tamar__dialect_cite(d, item, none);
    d->effects += 2;
}

// One chunk, or one whole completion: a single pass that only looks, then, if all of it was good, what it means.
static void tamar__dialect_chat_object(tamar__dialect_decoder *d, const char *text, size_t len, bool streaming)
{
    tamar_json_reader r;
    tamar_json_error why;
    tamar__dialect_chat_choice choice;
    tamar__dialect_counts usage, groq;
    tamar_json key, id, model, created, error, citations, results, base;
    int64_t seconds, code;
    bool chosen = false;
    id.ptr = NULL, id.len = 0;
    model = created = error = citations = results = base = id;
    choice.delta.given = choice.message.given = choice.usage.given = choice.filtered = false;
    choice.reason = choice.error = id;
    usage.given = groq.given = false;
    tamar_json_reader_begin(&r, text, len);
    if (tamar_json_read_object(&r))
        while (tamar_json_read_key(&r, &key)) {
            const char *name = key.ptr + 1;
            switch (key.len) {  // with its quotes
            case 4: if (!d->id.len && !memcmp(name, "id", 2)) id = tamar_json_read_value(&r); break;
            case 7:
                if (!memcmp(name, "usage", 5)) tamar__dialect_usage_read(&r, &usage);
                else if (!d->model.len && !memcmp(name, "model", 5)) model = tamar_json_read_value(&r);
                else if (!memcmp(name, "error", 5)) error = tamar_json_read_value(&r);
                break;
            case 8:
                if (!memcmp(name, "x_groq", 6) && tamar_json_read_object(&r))
                    while (tamar_json_read_key(&r, &key))
                        if (key.len == 7 && !memcmp(key.ptr + 1, "usage", 5)) tamar__dialect_usage_read(&r, &groq);
                break;
            case 9:
                if (!memcmp(name, "choices", 7)) {
                    chosen = true;
                    tamar__dialect_chat_choices(&r, &choice);
                }
                else if (!d->created && !memcmp(name, "created", 7)) created = tamar_json_read_value(&r);
                break;
            case 11:
                if (!memcmp(name, "citations", 9)) citations = tamar_json_read_value(&r);
                else if (!memcmp(name, "base_resp", 9)) base = tamar_json_read_value(&r);
                break;
            case 12: if (!memcmp(name, "web_search", 10)) results = tamar_json_read_value(&r); break;  // GLM
            case 13: if (!memcmp(name, "obfuscation", 11)) d->padding = tamar_json_read_value(&r); break;
            case 16: if (!memcmp(name, "search_results", 14)) results = tamar_json_read_value(&r); break;
            default: break;
            }
        }
    if (!tamar_json_reader_end(&r, &why)) {
        bool deep = why.status == TAMAR_JSON_TOO_DEEP;
        if (deep)
            tamar__dialect_fail(d, TAMAR_LIMIT, "the answer's JSON is nested deeper than 64 levels");
        else if (why.status == TAMAR_JSON_TRUNCATED && !streaming)
            tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
        else tamar__dialect_fail_with(d, TAMAR_PARSE, "the answer is not valid JSON: ", tamar__str_make(text, len));
        return;
    }
    if (d->padding.ptr && *d->padding.ptr != '"') d->padding.ptr = NULL;
    tamar__dialect_chat_choice_in(d, &choice, streaming);
    if (!d->id.len) tamar__dialect_first_text(d, &d->id, id);
    if (!d->model.len) tamar__dialect_first_text(d, &d->model, model);
    if (!d->created && tamar__json_lenient_int(created, &seconds) && seconds > 0)
        d->created = seconds, d->effects += 2;
    if (usage.given || groq.given || choice.usage.given)
        tamar__dialect_chat_usage(d, usage.given ? &usage : groq.given ? &groq : &choice.usage);
    if (results.ptr || citations.ptr) tamar__dialect_chat_sources(d, results, citations);
    // What came beside an error counts all the same: partial text, usage.
    if (tamar_json_type_of(error) > TAMAR_JSON_NULL || (!chosen && !streaming) ||
        (base.ptr && tamar__json_lenient_int(tamar_json_get(base, "status_code"), &code) && code)) {
        tamar_json root;
        if (tamar_json_parse(text, len, &root, NULL)) tamar__dialect_vendor_error(d, root, !chosen);
    }
    if (tamar_json_type_of(choice.error) == TAMAR_JSON_OBJECT)
        tamar__dialect_vendor_error_in(d, choice.error, choice.error, false);
}

static void tamar__dialect_chat_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_str text = data;
    tamar_json v;
    if (!text.len || *text.ptr != '{') {
        text = tamar__str_trim(text);
        if (!text.len) return;
        if (tamar__str_starts(text, "[DONE]")) {
            d->done = d->over = true;
            return;
        }
    }
    if (event.len && tamar__str_is(event, "error") && tamar_json_parse(text.ptr, text.len, &v, NULL)) {
        tamar__dialect_vendor_error(d, v, true);
        return;
    }
    tamar__dialect_chat_object(d, text.ptr, text.len, true);
}

static void tamar__dialect_chat_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json v;
    if (json.ptr[0] == '[') {  // an error in an array, as Google sends it
        if (tamar_json_parse(json.ptr, json.len, &v, NULL) && tamar__dialect_vendor_error(d, v, false)) return;
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no chat completion: ", json);
        return;
    }
    tamar__dialect_chat_object(d, json.ptr, json.len, false);
    d->done = true;
    if (d->error.category == TAMAR_OK && !d->damaged && !d->committed && !d->finish_raw.len && !d->id.len &&
        !d->usage.total_tokens.set)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no chat completion: ", json);
}

// -- schemas for vendors that take a part of JSON Schema -------------------------------------------

// What a vendor takes. What it does not take is told to the model in the description instead, with a warning.
typedef struct tamar__dialect_schema_rules {
    const char *keep;  // keywords that it enforces, "a,b"
    const char *formats;  // values of format that it knows; NULL: any
    bool closed;  // every object has to say additionalProperties:false
    bool no_const;  // const becomes an enum of one
    bool no_one_of;  // oneOf becomes anyOf
    bool ref_alone;  // nothing may stand beside $ref
    int most_min_items;  // the greatest minItems; -1: any
    size_t most_optional;  // properties that are not required, in all; 0: any number
} tamar__dialect_schema_rules;

typedef enum tamar__dialect_schema_way {
    TAMAR__DIALECT_SCHEMA_LOST,
    TAMAR__DIALECT_SCHEMA_IGNORED,  // says nothing about values
    TAMAR__DIALECT_SCHEMA_RAW,
    TAMAR__DIALECT_SCHEMA_ONE,  // holds a schema
    TAMAR__DIALECT_SCHEMA_LIST,  // an array of schemas
    TAMAR__DIALECT_SCHEMA_MAP  // an object of schemas
} tamar__dialect_schema_way;

static const char *tamar__dialect_schema_name(const tamar__dialect_schema_rules *rules, tamar_json schema,
                                              const char *name)
{
    if (rules->no_one_of && !strcmp(name, "oneOf") && !tamar_json_get(schema, "anyOf").ptr) return "anyOf";
    if (rules->no_const && !strcmp(name, "const") && !tamar_json_get(schema, "enum").ptr) return "enum";
    if (!strcmp(name, "definitions") && !tamar_json_get(schema, "$defs").ptr) return "$defs";
    return name;
}

static tamar__dialect_schema_way tamar__dialect_schema_way_of(const tamar__dialect_schema_rules *rules,
                                                              const char *name, tamar_json value)
{
    tamar_json_type t = tamar_json_type_of(value);
    tamar_str text = tamar__str_z(name);
    int64_t n;
    if (!strcmp(name, "additionalProperties")) {
        if (rules->closed) return *value.ptr == 'f' ? TAMAR__DIALECT_SCHEMA_IGNORED : TAMAR__DIALECT_SCHEMA_LOST;
        if (!tamar__model_listed(rules->keep, text)) return TAMAR__DIALECT_SCHEMA_LOST;
        return t == TAMAR_JSON_OBJECT ? TAMAR__DIALECT_SCHEMA_ONE : TAMAR__DIALECT_SCHEMA_RAW;
    }
    if (tamar__model_listed("$schema,$id,$comment,$anchor,description", text)) return TAMAR__DIALECT_SCHEMA_IGNORED;
    if (!tamar__model_listed(rules->keep, text)) return TAMAR__DIALECT_SCHEMA_LOST;
    if (tamar__model_listed("properties,$defs", text))
        return t == TAMAR_JSON_OBJECT ? TAMAR__DIALECT_SCHEMA_MAP : TAMAR__DIALECT_SCHEMA_LOST;
    if (tamar__model_listed("anyOf,allOf,oneOf,prefixItems", text))
        return t == TAMAR_JSON_ARRAY ? TAMAR__DIALECT_SCHEMA_LIST : TAMAR__DIALECT_SCHEMA_LOST;
    if (!strcmp(name, "items")) return t == TAMAR_JSON_ARRAY ? TAMAR__DIALECT_SCHEMA_LOST : TAMAR__DIALECT_SCHEMA_ONE;
    if (!strcmp(name, "minItems") && rules->most_min_items >= 0 &&
        (!tamar__json_lenient_int(value, &n) || n > rules->most_min_items))
        return TAMAR__DIALECT_SCHEMA_LOST;
    if (!strcmp(name, "format") && rules->formats) {
        char word[32];
        if (!tamar__model_listed(rules->formats, tamar__dialect_short(value, word, sizeof word)))
            return TAMAR__DIALECT_SCHEMA_LOST;
    }
    return TAMAR__DIALECT_SCHEMA_RAW;
}

static void tamar__dialect_schema_warn(tamar__dialect_out *o, const char *name)
{
    tamar__str_buf b;
    tamar__str_init(&b, o->notes->arena, 256);
    tamar__str_puts(&b, "this vendor enforces no ");
    tamar__str_puts(&b, name);
    tamar__str_puts(&b, " in a schema; it was told to the model in the description instead");
    if (b.full) tamar__str_free(&b);
    tamar__talk_warn(o->notes, "schema",
                     b.ptr && !b.full ? b.ptr : "this vendor does not enforce all of the schema");
}

// The description, and behind it what the vendor does not enforce.
static void tamar__dialect_schema_describe(tamar__dialect_out *o, tamar_json description, const tamar__str_buf *lost)
{
    tamar__str_buf b;
    tamar_str text, told = tamar__dialect_aside(o, lost);
    bool given = tamar_json_type_of(description) == TAMAR_JSON_STRING;
    if (!told.len && !given) return;
    tamar_json_write_key(&o->w, "description");
    if (!told.len) {
        tamar_json_write_raw(&o->w, description.ptr, description.len);
        return;
    }
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (given) {
        text = tamar__json_text(o->arena, description);
        if (!text.ptr) o->starved = true;
        else tamar__str_put(&b, text.ptr, text.len);
        tamar__str_puts(&b, "\n\n");
    }
    tamar__str_putc(&b, '{');
    tamar__str_put(&b, told.ptr, told.len);
    tamar__str_putc(&b, '}');
    text = tamar__dialect_aside(o, &b);
    tamar_json_write_string(&o->w, text.ptr, text.len);
}

// A reference within the document; definitions live in $defs.
static void tamar__dialect_schema_ref(tamar__dialect_out *o, tamar_json ref)
{
    tamar_str to = tamar__json_text(o->arena, ref);
    tamar__str_buf b;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (!to.ptr) o->starved = true;
    if (to.ptr && tamar__str_starts(to, "#/definitions/")) {
        tamar__str_puts(&b, "#/$defs/");
        tamar__str_put(&b, to.ptr + 14, to.len - 14);
        to = tamar__dialect_aside(o, &b);
    }
    if (!tamar__str_starts(to, "#/")) {
        tamar__talk_warn(o->notes, "schema",
                         "a $ref in the schema points at the whole or at another document, which this vendor does "
                         "not take; anything goes there");
        return;
    }
    tamar__dialect_str_member(o, "$ref", to);
}

// Writes a schema as far as these rules go. optional counts the properties that may be left out.
static void tamar__dialect_schema(tamar__dialect_out *o, const tamar__dialect_schema_rules *rules, tamar_json schema,
                                  size_t *optional)
{
    tamar_json_iter it, inner;
    tamar_json key, value, ref = tamar_json_get(schema, "$ref"), properties = tamar_json_get(schema, "properties"),
                           type = tamar_json_get(schema, "type");
    tamar__str_buf lost;
    int pass;
    bool object = tamar_json_type_of(properties) == TAMAR_JSON_OBJECT || tamar_json_is(type, "object");
    tamar__str_init(&lost, o->arena, SIZE_MAX / 2);
    tamar_json_write_object(&o->w);
    if (tamar_json_type_of(schema) != TAMAR_JSON_OBJECT) {  // true: anything; false: nothing
        if (schema.ptr && *schema.ptr == 'f')
            tamar__talk_warn(o->notes, "schema",
                             "this vendor cannot forbid a value by the schema false; it was left out");
        tamar_json_write_end(&o->w);
        return;
    }
    if (tamar_json_type_of(ref) == TAMAR_JSON_STRING && tamar__model_listed(rules->keep, tamar__str_z("$ref"))) {
        tamar__dialect_schema_ref(o, ref);
        if (rules->ref_alone && !tamar_json_get(schema, "$defs").ptr && !tamar_json_get(schema, "definitions").ptr) {
            if (tamar_json_count(schema) > 1)
                tamar__talk_warn(o->notes, "schema",
                                 "this vendor takes nothing beside $ref in a schema; what stood there was left out");
            tamar_json_write_end(&o->w);
            return;
        }
    }
    for (inner = tamar_json_iterate(type); tamar_json_type_of(type) == TAMAR_JSON_ARRAY &&
                                           tamar_json_next(&inner, &key, &value);)
        if (tamar_json_is(value, "object")) object = true;
    for (pass = 0; pass < 2; pass++) {  // first what is lost, then what is written
        it = tamar_json_iterate(schema);
        while (tamar_json_next(&it, &key, &value)) {
            tamar_str own = tamar__json_text(o->arena, key);
            const char *name;
            tamar__dialect_schema_way way;
            if (!own.ptr) {
                o->starved = true;
                return;
            }
            if (tamar__str_is(own, "$ref")) continue;
            name = tamar__dialect_schema_name(rules, schema, own.ptr);
            way = tamar__dialect_schema_way_of(rules, name, value);
            if (pass == 0) {
                if (way != TAMAR__DIALECT_SCHEMA_LOST) continue;
                tamar__dialect_schema_warn(o, own.ptr);
                if (lost.len) tamar__str_puts(&lost, ", ");
                tamar__str_put(&lost, own.ptr, own.len);
                tamar__str_puts(&lost, ": ");
                tamar__str_put(&lost, value.ptr, value.len);
                continue;
            }
            if (way == TAMAR__DIALECT_SCHEMA_LOST || way == TAMAR__DIALECT_SCHEMA_IGNORED) continue;
            tamar_json_write_key(&o->w, name);
            inner = tamar_json_iterate(value);
            if (way == TAMAR__DIALECT_SCHEMA_ONE) tamar__dialect_schema(o, rules, value, optional);
            else if (way == TAMAR__DIALECT_SCHEMA_LIST) {
                tamar_json_write_array(&o->w);
                while (tamar_json_next(&inner, &key, &value)) tamar__dialect_schema(o, rules, value, optional);
                tamar_json_write_end(&o->w);
            }
            else if (way == TAMAR__DIALECT_SCHEMA_MAP) {
                tamar_json_write_object(&o->w);
                while (tamar_json_next(&inner, &key, &value)) {
                    own = tamar__json_text(o->arena, key);
                    if (!own.ptr) {
                        o->starved = true;
                        return;
                    }
                    tamar_json_write_key_n(&o->w, own.ptr, own.len);
                    tamar__dialect_schema(o, rules, value, optional);
                }
                tamar_json_write_end(&o->w);
            }
            else if (rules->no_const && tamar__str_is(own, "const")) {
                tamar_json_write_array(&o->w);
                tamar_json_write_raw(&o->w, value.ptr, value.len);
                tamar_json_write_end(&o->w);
            }
            else tamar_json_write_raw(&o->w, value.ptr, value.len);
        }
    }
    if (rules->closed && object) {
        size_t all = tamar_json_count(properties), needed = tamar_json_count(tamar_json_get(schema, "required"));
        if (all > needed) *optional += all - needed;
        if (!type.ptr) tamar__dialect_z_member(o, "type", "object");
        tamar_json_write_key(&o->w, "additionalProperties");
        tamar_json_write_bool(&o->w, false);
    }
    tamar__dialect_schema_describe(o, tamar_json_get(schema, "description"), &lost);
    tamar_json_write_end(&o->w);
}

// The same for a schema as text, which the request's check has read.
static void tamar__dialect_schema_text(tamar__dialect_out *o, const tamar__dialect_schema_rules *rules,
                                       const char *text)
{
    tamar_json schema;
    size_t optional = 0;
    tamar_json_parse(text, strlen(text), &schema, NULL);
    tamar__dialect_schema(o, rules, schema, &optional);
    if (rules->most_optional && optional > rules->most_optional)
        tamar__talk_warn(o->notes, "schema",
                         "the schema has more optional properties than this vendor takes: require more of them");
}

// -- anthropic-messages: requests ------------------------------------------------------------------
//
// The conversation is first laid out as a list of parts, each with its turn's role; what the vendor would refuse is
// taken out of it there, with a warning. Only then the body is written. Facts as of 2026-11-20.

typedef struct tamar__dialect_claude_item {
    const tamar_part *part;
    tamar_role role;  // SYSTEM: in the middle of the conversation
    bool dropped, mark;
} tamar__dialect_claude_item;

typedef enum tamar__dialect_claude_thinking {
    TAMAR__DIALECT_CLAUDE_UNSAID,
    TAMAR__DIALECT_CLAUDE_ADAPTIVE,
    TAMAR__DIALECT_CLAUDE_ENABLED,
    TAMAR__DIALECT_CLAUDE_DISABLED,
    TAMAR__DIALECT_CLAUDE_BETWEEN_TOOLS
} tamar__dialect_claude_thinking;

typedef struct tamar__dialect_claude_plan {
    tamar__dialect_claude_item *items;
    size_t count, lead;  // the first `lead` are the system text
    const char *hints[3];  // said behind the system text
    size_t hint_count;
    tamar__dialect_claude_thinking thinking;
    tamar_effort level;  // for output_config.effort
    int max_tokens, budget;
    bool schema, sampled;  // a schema is enforced; a sampling parameter is sent
    bool forced;  // a tool choice had to become a sentence
} tamar__dialect_claude_plan;

static const char *tamar__dialect_claude_api(void) { return "anthropic-messages"; }

static bool tamar__dialect_claude_own_part(const tamar_part *p)
{
    return p->opaque.len && tamar__str_is(p->origin, tamar__dialect_claude_api());
}

// The model's name without a vendor's prefix and a date: "us.anthropic.claude-opus-5-20260724" is "claude-opus-5", and
// "claude-sonnet-4-0" is "claude-sonnet-4".
static tamar_str tamar__dialect_claude_bare(tamar_str m)
{
    size_t at = tamar__str_find(m, "claude", true), i, n;
    if (at < m.len) m.ptr += at, m.len -= at;
    n = tamar__str_at(m, '@');
    if (n < m.len) m.len = n;
    if (m.len > 7 && !memcmp(m.ptr + m.len - 7, "-latest", 7)) m.len -= 7;
    for (i = 0; m.len > 9 && i < 8 && m.ptr[m.len - 1 - i] >= '0' && m.ptr[m.len - 1 - i] <= '9'; i++) {}
    if (i == 8 && m.ptr[m.len - 9] == '-') m.len -= 9;
    if (m.len > 2 && !memcmp(m.ptr + m.len - 2, "-0", 2)) m.len -= 2;
    return m;
}

static bool tamar__dialect_claude_same_model(const tamar__dialect_out *o, const tamar_part *p)
{
    return !p->model.len || !(o->to->profile->flags & TAMAR_MODEL_REASONS) ||
           tamar__str_equal(tamar__dialect_claude_bare(p->model), tamar__dialect_claude_bare(o->to->model));
}

// Only A-Z a-z 0-9 _ - may stand in an id; others become _, and a hash keeps ids apart that would become the same.
static tamar_str tamar__dialect_claude_id(tamar__dialect_out *o, tamar_str id, bool hashed)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t h = 0x811C9DC5u;
    tamar__str_buf b;
    size_t i;
    bool changed = false;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    for (i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (!good) changed = true;
        h = ((h ^ (unsigned char)c) * 16777619u) & 0xFFFFFFFFu;
        tamar__str_putc(&b, good ? c : '_');
    }
    if (!changed) {
        if (b.ptr) tamar__str_free(&b);
        return id;
    }
    if (hashed) tamar__str_putc(&b, '_');
    for (i = 0; hashed && i < 8; i++) tamar__str_putc(&b, hex[h >> (28 - 4 * i) & 15]);
    return tamar__dialect_aside(o, &b);
}

static void tamar__dialect_claude_left_out(tamar__dialect_out *o, const char *code, const char *why)
{
    tamar__talk_warn(o->notes, code, why);
}

// A data: URL of base64, taken apart. False: it is none.
static bool tamar__dialect_data_url(tamar_str url, tamar_str *mime, tamar_str *data)
{
    size_t comma, end;
    if (!tamar__str_starts(url, "data:")) return false;
    comma = tamar__str_at(url, ',');
    end = tamar__base_min(comma, tamar__str_at(url, ';'));
    *mime = tamar__str_make(url.ptr + 5, end - 5);
    *data = comma < url.len ? tamar__str_make(url.ptr + comma + 1, url.len - comma - 1) : tamar__str_make("", 0);
    return data->len && tamar__str_find(tamar__str_make(url.ptr, comma), ";base64", true) < comma;
}

static tamar_str tamar__dialect_claude_mime(const tamar_part *p)
{
    tamar_str mime = p->mime_type, data;
    if (!p->data.len && tamar__str_starts(p->url, "data:")) {
        tamar_str of_url;
        tamar__dialect_data_url(p->url, &of_url, &data);
        if (of_url.len) mime = of_url;
    }
    if (!mime.len)
        mime = tamar__str_z(p->type == TAMAR_PART_IMAGE ? tamar__dialect_image_mime(p->data) : "application/pdf");
    return mime;
}

// NULL, or why this part cannot stand in a turn of this role; "" leaves it out without a word.
static const char *tamar__dialect_claude_refuses(tamar__dialect_out *o, const tamar_part *p, tamar_role role)
{
    bool ours = role == TAMAR_ROLE_ASSISTANT, mine = tamar__dialect_claude_own_part(p);
    tamar_str mime, data;
    if (role == TAMAR_ROLE_SYSTEM && p->type != TAMAR_PART_TEXT)
        return "this vendor's system text is text only; a part of it was left out";
    switch (p->type) {
    case TAMAR_PART_TEXT: case TAMAR_PART_REFUSAL:
        if (!p->text.len) return "";
        return tamar__str_trim(p->text).len ? NULL : "a text of nothing but space is not taken; it was left out";
    case TAMAR_PART_REASONING:
        if (!ours) return "reasoning in a turn that is not the assistant's was left out";
        if (!mine)
            return p->text.len || p->opaque.len ? "reasoning that belongs to another vendor was left out" : "";
        if (!tamar__dialect_claude_same_model(o, p)) return "the reasoning of another model was left out";
        if (o->to->profile->flags & TAMAR_MODEL_REASONS &&
            tamar__str_find(p->opaque, "\"signature\"", false) == p->opaque.len)
            return "reasoning without a signature was left out: its answer broke off";
        return NULL;
    case TAMAR_PART_OPAQUE:
        if (!mine) return "a part that belongs to another vendor was left out";
        if (tamar__str_find(p->opaque, "\"redacted_thinking\"", false) < p->opaque.len &&
            !tamar__dialect_claude_same_model(o, p))
            return "the reasoning of another model was left out";
        return NULL;
    case TAMAR_PART_TOOL_CALL: return ours ? NULL : "a tool call in a turn that is not the assistant's was left out";
    case TAMAR_PART_TOOL_RESULT: return ours ? "a tool result in an assistant's turn was left out" : NULL;
    case TAMAR_PART_IMAGE: case TAMAR_PART_FILE:
        if (ours) return "media in an assistant's turn cannot be sent back; it was left out";
        if (mine || (!p->data.len && !tamar__str_starts(p->url, "data:"))) return NULL;
        mime = tamar__dialect_claude_mime(p);
        if (!p->data.len && !tamar__dialect_data_url(p->url, &mime, &data))
            return "a data: URL that is not base64 was left out";
        if (p->type == TAMAR_PART_IMAGE)
            return tamar__model_listed("image/jpeg,image/png,image/gif,image/webp", mime)
                       ? NULL
                       : "this vendor takes jpeg, png, gif and webp only; an image was left out";
        if (tamar__str_is_nocase(mime, "application/pdf") || (tamar__str_starts(mime, "text/") && p->data.len))
            return NULL;
        return "this vendor takes pdf and plain text only; a file was left out";
    case TAMAR_PART_AUDIO: return "this vendor takes no audio; it was left out";
    case TAMAR_PART_VIDEO: return "this vendor takes no video; it was left out";
    default: return "";
    }
}

static void tamar__dialect_claude_lay(tamar__dialect_out *o, tamar__dialect_claude_plan *plan, tamar_role role,
                                      const tamar_part *parts, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        const char *why = tamar__dialect_claude_refuses(o, &parts[i], role);
        tamar__dialect_claude_item *item = &plan->items[plan->count];
        if (why) {
            bool taken = parts[i].type >= TAMAR_PART_IMAGE && parts[i].type <= TAMAR_PART_FILE;
            if (*why) tamar__dialect_claude_left_out(o, taken ? "unsupported" : "dropped", why);
            continue;
        }
        if (parts[i].detail.len && !tamar__str_is(parts[i].detail, "auto"))
            tamar__talk_warn(o->notes, "unsupported", "this vendor takes no detail of images; it was left out");
        item->part = &parts[i];
        item->role = role == TAMAR_ROLE_TOOL ? TAMAR_ROLE_USER : role;
        plan->count++;
    }
}

static const tamar_part *tamar__dialect_text_in(tamar__dialect_out *o, const char *text)
{
    tamar_part *p = (tamar_part *)tamar__arena_get(o->arena, sizeof *p);
    if (p) p->text = tamar__str_z(text);
    else o->starved = true;
    return p;
}

// All that is to be said, in order.
static void tamar__dialect_claude_gather(tamar__dialect_out *o, tamar__dialect_claude_plan *plan)
{
    const tamar_request *rq = o->rq;
    size_t i, most = 2;
    bool leading = true;
    for (i = 0; i < rq->message_count; i++) most += rq->messages[i].part_count ? rq->messages[i].part_count : 1;
    plan->items = (tamar__dialect_claude_item *)tamar__arena_get(o->arena, most * sizeof *plan->items);
    if (!plan->items) {
        o->starved = true;
        return;
    }
    if (rq->system) {
        const tamar_part *p = tamar__dialect_text_in(o, rq->system);
        if (p) tamar__dialect_claude_lay(o, plan, TAMAR_ROLE_SYSTEM, p, 1);
    }
    for (i = 0; i < rq->message_count; i++) {
        const tamar_message *m = &rq->messages[i];
        const tamar_part *parts = m->parts;
        size_t count = m->part_count;
        if (!count && m->text) {
            parts = tamar__dialect_text_in(o, m->text);
            count = parts ? 1 : 0;
        }
        if (leading && m->role != TAMAR_ROLE_SYSTEM) {
            leading = false;
            plan->lead = plan->count;
        }
        if (m->name)
            tamar__talk_warn(o->notes, "unsupported", "this provider takes no names of speakers; they were left out");
        tamar__dialect_claude_lay(o, plan, m->role, parts, count);
    }
    if (leading) plan->lead = plan->count;
    if (rq->prompt) {
        const tamar_part *p = tamar__dialect_text_in(o, rq->prompt);
        if (p) tamar__dialect_claude_lay(o, plan, TAMAR_ROLE_USER, p, 1);
    }
}

// A later system text keeps its role only behind a user's turn, and where the model knows it.
static void tamar__dialect_claude_roles(tamar__dialect_out *o, tamar__dialect_claude_plan *plan)
{
    tamar_role before = TAMAR_ROLE_ASSISTANT;
    size_t i;
    for (i = plan->lead; i < plan->count; i++) {
        tamar__dialect_claude_item *item = &plan->items[i];
        if (item->dropped) continue;
        if (item->role == TAMAR_ROLE_SYSTEM &&
            (before == TAMAR_ROLE_ASSISTANT || !(o->to->profile->flags & TAMAR_MODEL_MID_SYSTEM) ||
             item->part->type != TAMAR_PART_TEXT)) {
            tamar__talk_warn(o->notes, "system",
                             "a system text in the middle of the conversation was sent as the user's");
            item->role = TAMAR_ROLE_USER;
        }
        before = item->role;
    }
}

// The end of the turn that begins at `from`.
static size_t tamar__dialect_claude_turn(const tamar__dialect_claude_plan *plan, size_t from)
{
    tamar_role role = TAMAR_ROLE_USER;
    bool begun = false;
    size_t i;
    for (i = from; i < plan->count; i++) {
        if (plan->items[i].dropped) continue;
        if (begun && plan->items[i].role != role) break;
        role = plan->items[i].role;
        begun = true;
    }
    return i;
}

// Each call has to be answered in the very next turn, each result needs its call there, and neither may come twice.
static void tamar__dialect_claude_pair(tamar__dialect_out *o, tamar__dialect_claude_plan *plan)
{
    size_t from, end, after, i, k, last;
    for (from = plan->lead; from < plan->count; from = end) {
        end = tamar__dialect_claude_turn(plan, from);
        after = tamar__dialect_claude_turn(plan, end);
        for (i = from; i < end; i++) {  // calls
            const tamar_part *p = plan->items[i].part;
            bool answered = false;
            if (plan->items[i].dropped || p->type != TAMAR_PART_TOOL_CALL) continue;
            for (k = end; k < after && !answered && p->id.len; k++)
                answered = plan->items[k].part->type == TAMAR_PART_TOOL_RESULT &&
                           tamar__str_equal(plan->items[k].part->id, p->id);
            for (k = from; k < i && answered; k++)
                if (!plan->items[k].dropped && plan->items[k].part->type == TAMAR_PART_TOOL_CALL &&
                    tamar__str_equal(plan->items[k].part->id, p->id))
                    answered = false;
            if (answered) continue;
            plan->items[i].dropped = true;
            tamar__dialect_claude_left_out(o, "dropped",
                                           "a tool call without its result in the next turn was left out");
        }
        for (k = end; k < after; k++) {  // results
            const tamar_part *p = plan->items[k].part;
            bool asked = false;
            if (plan->items[k].dropped || p->type != TAMAR_PART_TOOL_RESULT) continue;
            for (i = from; i < end && !asked; i++)
                asked = !plan->items[i].dropped && plan->items[i].part->type == TAMAR_PART_TOOL_CALL &&
                        tamar__str_equal(plan->items[i].part->id, p->id);
            for (i = end; i < k && asked; i++)
                if (!plan->items[i].dropped && plan->items[i].part->type == TAMAR_PART_TOOL_RESULT &&
                    tamar__str_equal(plan->items[i].part->id, p->id))
                    asked = false;
            if (asked) continue;
            plan->items[k].dropped = true;
            tamar__dialect_claude_left_out(o, "dropped",
                                           "a tool result without its call in the turn before was left out");
        }
        if (from == plan->lead)  // nothing stands before the first turn
            for (i = from; i < end; i++)
                if (!plan->items[i].dropped && plan->items[i].part->type == TAMAR_PART_TOOL_RESULT) {
                    plan->items[i].dropped = true;
                    tamar__dialect_claude_left_out(o, "dropped",
                                                   "a tool result without its call in the turn before was left out");
                }
        for (last = end; last > from; last--) {  // no turn ends in thoughts
            tamar__dialect_claude_item *item = &plan->items[last - 1];
            if (item->dropped) continue;
            if (item->role != TAMAR_ROLE_ASSISTANT || item->part->type != TAMAR_PART_REASONING) break;
            item->dropped = true;
            tamar__dialect_claude_left_out(o, "dropped", "reasoning that leads to nothing was left out");
        }
    }
}

// At most four marks count; the last ones reach furthest.
static void tamar__dialect_claude_marks(tamar__dialect_out *o, tamar__dialect_claude_plan *plan)
{
    size_t i, marks = 0;
    for (i = plan->count; i > 0; i--) {
        tamar__dialect_claude_item *item = &plan->items[i - 1];
        if (item->dropped || !item->part->cache) continue;
        if (item->part->type == TAMAR_PART_REASONING || item->part->type == TAMAR_PART_OPAQUE)
            tamar__talk_warn(o->notes, "unsupported", "reasoning and a vendor's own parts take no cache mark");
        else if (marks == 4)
            tamar__talk_warn(o->notes, "unsupported",
                             "this vendor takes four cache marks; the first ones were left out");
        else {
            item->mark = true;
            marks++;
        }
    }
}

// Does the turn under way (calls, and the results that are sent now) begin with thoughts?
static bool tamar__dialect_claude_thought(const tamar__dialect_claude_plan *plan)
{
    size_t i = plan->count, first = 0;
    bool results = false, calls = false;
    for (; i > plan->lead; i--) {
        const tamar__dialect_claude_item *item = &plan->items[i - 1];
        if (item->dropped) continue;
        if (item->role == TAMAR_ROLE_ASSISTANT) break;
        if (item->part->type == TAMAR_PART_TOOL_RESULT) results = true;
    }
    for (; results && i > plan->lead; i--) {
        const tamar__dialect_claude_item *item = &plan->items[i - 1];
        if (item->dropped) continue;
        if (item->role != TAMAR_ROLE_ASSISTANT) break;
        first = i;
        if (item->part->type == TAMAR_PART_TOOL_CALL) calls = true;
    }
    if (!calls) return true;
    return plan->items[first - 1].part->type == TAMAR_PART_REASONING ||
           plan->items[first - 1].part->type == TAMAR_PART_OPAQUE;
}

// max_tokens, which has to be there, and how much of it thinking may take.
static void tamar__dialect_claude_effort(tamar__dialect_out *o, tamar__dialect_claude_plan *plan)
{
    static const int budgets[] = { 0, 0, 1024, 2048, 8192, 16384, 24576, 32000 };
    const tamar_request *rq = o->rq;
    const tamar_model_profile *profile = o->to->profile;
    bool adaptive = profile->flags & TAMAR_MODEL_ADAPTIVE;
    tamar_effort effort = rq->effort;
    plan->max_tokens = rq->max_tokens;
    if (profile->max_tokens && rq->max_tokens > profile->max_tokens) {
        plan->max_tokens = profile->max_tokens;
        tamar__talk_warn(o->notes, "max_tokens", "this model's answers are not so long; its greatest length was sent");
    }
    if (!plan->max_tokens) {  // unless it streams, a longer answer may not come within the server's ten minutes
        plan->max_tokens = profile->max_tokens ? profile->max_tokens : 4096;
        if (!rq->stream && plan->max_tokens > 21333) plan->max_tokens = 21333;
    }
    if (effort != TAMAR_EFFORT_DEFAULT) {
        effort = tamar__model_effort(profile, effort);
        if (effort != rq->effort)
            tamar__talk_warn(o->notes, "effort",
                             effort == TAMAR_EFFORT_DEFAULT
                                 ? "this model has no reasoning effort; it was left out"
                                 : "this model does not have this reasoning effort; the nearest one was sent");
    }
    if (effort == TAMAR_EFFORT_DEFAULT) return;
    if (effort == TAMAR_EFFORT_OFF) {
        plan->thinking = profile->flags & TAMAR_MODEL_BETWEEN_TOOLS ? TAMAR__DIALECT_CLAUDE_BETWEEN_TOOLS
                         : adaptive || profile->flags & TAMAR_MODEL_BUDGET ? TAMAR__DIALECT_CLAUDE_DISABLED
                                                                             : TAMAR__DIALECT_CLAUDE_UNSAID;
        if (plan->thinking == TAMAR__DIALECT_CLAUDE_BETWEEN_TOOLS)
            tamar__talk_warn(o->notes, "effort", "this model cannot be kept from thinking between tool calls");
        return;
    }
    if (adaptive || profile->flags & TAMAR_MODEL_EFFORT_TOO) plan->level = effort;
    if (adaptive) {
        plan->thinking = TAMAR__DIALECT_CLAUDE_ADAPTIVE;
        return;
    }
    plan->budget = budgets[effort];
    if (plan->budget >= plan->max_tokens && rq->kind == TAMAR_KIND_CHAT) {
        plan->budget = plan->max_tokens / 2;
        if (plan->budget >= 1024)
            tamar__talk_warn(o->notes, "effort", "max_tokens leaves less room for thinking than this effort wants");
    }
    if (plan->budget < 1024 || !tamar__dialect_claude_thought(plan)) {
        tamar__talk_warn(o->notes, "effort",
                         plan->budget < 1024 ? "max_tokens leaves no room for thinking; it was left out"
                                             : "the tool turn under way began without thinking; it was left out");
        return;
    }
    plan->thinking = TAMAR__DIALECT_CLAUDE_ENABLED;
}

// What has to be known before the first byte is written. Sets o->refused where nothing can be sent.
static void tamar__dialect_claude_decide(tamar__dialect_out *o, tamar__dialect_claude_plan *plan)
{
    const tamar_request *rq = o->rq;
    const tamar__dialect_claude_item *end = NULL;
    size_t i;
    bool tools = rq->tool_count > 0 || (o->extra.ptr && tamar_json_get(o->extra, "tools").ptr), used = false;
    bool user = false;
    tamar_json raw = o->extra.ptr ? tamar_json_at(o->extra, "thinking/type") : o->extra;
    memset(plan, 0, sizeof *plan);
    tamar__dialect_claude_gather(o, plan);
    if (o->starved) return;
    tamar__dialect_claude_roles(o, plan);
    tamar__dialect_claude_pair(o, plan);
    tamar__dialect_claude_roles(o, plan);
    tamar__dialect_claude_marks(o, plan);
    for (i = plan->lead; i < plan->count; i++) {
        const tamar__dialect_claude_item *item = &plan->items[i];
        if (item->dropped) continue;
        if (item->role == TAMAR_ROLE_ASSISTANT && !user)
            o->refused = "request.messages: with this provider the first message has to be the user's";
        user = true;
        end = item;
        if (item->part->type == TAMAR_PART_TOOL_CALL || item->part->type == TAMAR_PART_TOOL_RESULT) used = true;
    }
    if (!end) o->refused = "request.messages: nothing is left that this provider could be sent";
    // A turn that the vendor paused (it ends in a part of its own) is sent back to go on; one begun for it is not.
    if (end && end->role == TAMAR_ROLE_ASSISTANT && end->part->type != TAMAR_PART_OPAQUE &&
        o->to->profile->flags & TAMAR_MODEL_NO_PREFILL)
        o->refused = "request.messages: this model does not go on with a begun answer: the last message has to be "
                     "the user's";
    if (used && !tools)
        o->refused = "request.tools: the conversation holds tool calls, so this provider wants the tools again";
    for (i = 0; i < rq->tool_count; i++)
        if (!rq->tools[i].raw && strpbrk(rq->tools[i].name, ".:"))
            o->refused = "request.tools: with this provider a name is 1 to 128 of A-Z a-z 0-9 _ -";
    if (o->extra.ptr && tamar_json_get(o->extra, "messages").ptr) o->refused = NULL;  // theirs are not ours to judge
    if (o->refused) return;
    tamar__dialect_claude_effort(o, plan);
    plan->forced = rq->tool_count && rq->tool_choice >= TAMAR_TOOL_CHOICE_REQUIRED &&
                   (o->to->profile->flags & TAMAR_MODEL_NO_FORCED_TOOL ||
                    plan->thinking == TAMAR__DIALECT_CLAUDE_ENABLED || tamar_json_is(raw, "enabled"));
    plan->schema = rq->format == TAMAR_FORMAT_SCHEMA && !(o->to->profile->flags & TAMAR_MODEL_NO_SCHEMA);
    if (plan->forced) {
        tamar__str_buf b;
        tamar__str_init(&b, o->arena, SIZE_MAX / 2);
        tamar__talk_warn(o->notes, "tool_choice",
                         "this model cannot be forced to call a tool now; the system text asks for it");
        if (rq->tool_choice == TAMAR_TOOL_CHOICE_REQUIRED)
            tamar__str_puts(&b, "Call at least one of the tools before you answer.");
        else {
            tamar__str_puts(&b, "Call the tool ");
            tamar__str_puts(&b, rq->tool_name);
            tamar__str_puts(&b, " before you answer.");
        }
        plan->hints[plan->hint_count++] = tamar__dialect_aside(o, &b).ptr;
    }
    if (rq->format == TAMAR_FORMAT_JSON) {
        tamar__talk_warn(o->notes, "json",
                         "this vendor has no JSON mode without a schema; the system text asks for it");
        plan->hints[plan->hint_count++] = "Answer with nothing but one JSON object.";
    }
    if (rq->format == TAMAR_FORMAT_SCHEMA && !plan->schema) {
        tamar__str_buf b;
        tamar__str_init(&b, o->arena, SIZE_MAX / 2);
        tamar__talk_warn(o->notes, "schema", "this model cannot enforce a schema; the system text asks for it");
        tamar__str_puts(&b, "Answer with nothing but JSON that is valid against this JSON Schema:\n");
        tamar__str_puts(&b, rq->schema);
        plan->hints[plan->hint_count++] = tamar__dialect_aside(o, &b).ptr;
    }
}

static void tamar__dialect_claude_mark(tamar__dialect_out *o, bool mark)
{
    if (!mark) return;
    tamar_json_write_key(&o->w, "cache_control");
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", "ephemeral");
    tamar_json_write_end(&o->w);
}

// The members of a part's opaque JSON, byte for byte.
static void tamar__dialect_claude_members(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_json root, key, value;
    tamar_json_iter it;
    if (!tamar__dialect_claude_own_part(p) || !tamar_json_parse(p->opaque.ptr, p->opaque.len, &root, NULL)) return;
    it = tamar_json_iterate(root);
    while (tamar_json_next(&it, &key, &value)) {
        tamar_str name = tamar__json_text(o->arena, key);
        if (!name.ptr) {
            o->starved = true;
            return;
        }
        if (tamar__model_listed("type,text,thinking,id,name,input,cache_control", name)) continue;
        tamar_json_write_key_n(&o->w, name.ptr, name.len);
        tamar_json_write_raw(&o->w, value.ptr, value.len);
    }
}

static void tamar__dialect_claude_source(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_str mime = tamar__dialect_claude_mime(p), data = tamar__str_make("", 0), of_url;
    bool plain = p->type == TAMAR_PART_FILE && p->data.len && tamar__str_starts(mime, "text/");
    tamar__str_buf b;
    tamar_json_write_key(&o->w, "source");
    tamar_json_write_object(&o->w);
    if (plain) {
        tamar__dialect_z_member(o, "type", "text");
        tamar__dialect_z_member(o, "media_type", "text/plain");
        tamar__dialect_str_member(o, "data", p->data);
    }
    else if (p->data.len || tamar__dialect_data_url(p->url, &of_url, &data)) {
        if (p->data.len) {
            tamar__str_init(&b, o->arena, SIZE_MAX / 2);
            tamar__str_base64(&b, p->data.ptr, p->data.len, false);
            data = tamar__dialect_aside(o, &b);
        }
        tamar__dialect_z_member(o, "type", "base64");
        tamar__dialect_str_member(o, "media_type", mime);
        tamar__dialect_str_member(o, "data", data);
    }
    else if (p->url.len) {
        tamar__dialect_z_member(o, "type", "url");
        tamar__dialect_str_member(o, "url", p->url);
    }
    else {
        tamar__dialect_z_member(o, "type", "file");
        tamar__dialect_str_member(o, "file_id", p->id);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_claude_call_out(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_json v;
    tamar__dialect_z_member(o, "type", "tool_use");
    tamar__dialect_str_member(o, "id", tamar__dialect_claude_id(o, p->id, true));
    tamar__dialect_str_member(o, "name", tamar__dialect_claude_id(o, p->name, false));
    tamar_json_write_key(&o->w, "input");
    if (tamar_json_parse(p->text.ptr, p->text.len, &v, NULL) && tamar_json_type_of(v) == TAMAR_JSON_OBJECT)
        tamar_json_write_raw(&o->w, v.ptr, v.len);
    else {
        if (p->text.len)
            tamar__talk_warn(o->notes, "tool_arguments",
                             "a tool call's arguments are not a JSON object; {} was sent instead");
        tamar__dialect_raw(o, "{}");
    }
    tamar__dialect_claude_members(o, p);
}

static void tamar__dialect_claude_part(tamar__dialect_out *o, const tamar__dialect_claude_item *item)
{
    const tamar_part *p = item->part;
    bool whole = item->role != TAMAR_ROLE_ASSISTANT && tamar__dialect_claude_own_part(p) && p->type != TAMAR_PART_TEXT;
    if (p->type == TAMAR_PART_OPAQUE || whole) {  // the vendor's own JSON for it
        tamar_json_write_raw(&o->w, p->opaque.ptr, p->opaque.len);
        return;
    }
    tamar_json_write_object(&o->w);
    switch (p->type) {
    case TAMAR_PART_TEXT: case TAMAR_PART_REFUSAL:
        tamar__dialect_z_member(o, "type", "text");
        tamar__dialect_str_member(o, "text", p->text);
        if (item->role == TAMAR_ROLE_ASSISTANT) tamar__dialect_claude_members(o, p);
        break;
    case TAMAR_PART_REASONING:
        tamar__dialect_z_member(o, "type", "thinking");
        tamar__dialect_str_member(o, "thinking", p->text);
        tamar__dialect_claude_members(o, p);
        break;
    case TAMAR_PART_TOOL_CALL: tamar__dialect_claude_call_out(o, p); break;
    case TAMAR_PART_TOOL_RESULT:
        tamar__dialect_z_member(o, "type", "tool_result");
        tamar__dialect_str_member(o, "tool_use_id", tamar__dialect_claude_id(o, p->id, true));
        if (p->text.len) tamar__dialect_str_member(o, "content", p->text);
        if (p->is_error) {
            tamar_json_write_key(&o->w, "is_error");
            tamar_json_write_bool(&o->w, true);
        }
        break;
    case TAMAR_PART_IMAGE:
        tamar__dialect_z_member(o, "type", "image");
        tamar__dialect_claude_source(o, p);
        break;
    default:
        tamar__dialect_z_member(o, "type", "document");
        tamar__dialect_claude_source(o, p);
        if (p->name.len) tamar__dialect_str_member(o, "title", p->name);
        break;
    }
    tamar__dialect_claude_mark(o, item->mark);
    tamar_json_write_end(&o->w);
}

// The items [from, to) as content: a string where one plain text is all.
static void tamar__dialect_claude_blocks(tamar__dialect_out *o, const tamar__dialect_claude_plan *plan, size_t from,
                                         size_t to, bool last)
{
    const tamar__dialect_claude_item *only = NULL;
    size_t i, n = 0;
    int pass;
    for (i = from; i < to; i++)
        if (!plan->items[i].dropped) n++, only = &plan->items[i];
    if (n == 1 && only->part->type == TAMAR_PART_TEXT && !only->mark &&
        !(only->role == TAMAR_ROLE_ASSISTANT && (last || tamar__dialect_claude_own_part(only->part)))) {
        tamar_json_write_string(&o->w, only->part->text.ptr, only->part->text.len);
        return;
    }
    tamar_json_write_array(&o->w);
    for (pass = 0; pass < 2; pass++)  // results come before anything else that a turn says
        for (i = from; i < to; i++) {
            tamar__dialect_claude_item item = plan->items[i];
            tamar_part trimmed;
            if (item.dropped || (item.part->type == TAMAR_PART_TOOL_RESULT) != (pass == 0)) continue;
            if (last && item.role == TAMAR_ROLE_ASSISTANT && item.part == only->part &&
                item.part->type == TAMAR_PART_TEXT) {
                trimmed = *item.part;  // a begun answer must not end in space
                while (trimmed.text.len && (unsigned char)trimmed.text.ptr[trimmed.text.len - 1] <= ' ')
                    trimmed.text.len--;
                if (trimmed.text.len != item.part->text.len)
                    tamar__talk_warn(o->notes, "trimmed", "space at the end of the begun answer was left out");
                item.part = &trimmed;
            }
            tamar__dialect_claude_part(o, &item);
        }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_claude_messages(tamar__dialect_out *o, const tamar__dialect_claude_plan *plan)
{
    tamar_json own = o->extra.ptr ? tamar_json_get(o->extra, "messages") : o->extra;
    size_t from, end, i;
    tamar_json_write_key(&o->w, "messages");
    if (own.ptr) {
        tamar_json_write_raw(&o->w, own.ptr, own.len);
        return;
    }
    tamar_json_write_array(&o->w);
    for (from = plan->lead; from < plan->count; from = end) {
        static const char *const names[] = { "user", "system", "assistant", "user" };
        end = tamar__dialect_claude_turn(plan, from);
        for (i = from; i < end && plan->items[i].dropped; i++) {}
        if (i == end) continue;
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "role", names[plan->items[i].role]);
        tamar_json_write_key(&o->w, "content");
        tamar__dialect_claude_blocks(o, plan, i, end, end == plan->count);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_claude_system(tamar__dialect_out *o, const tamar__dialect_claude_plan *plan)
{
    size_t i, n = plan->lead + plan->hint_count;
    if (!n || !tamar__dialect_key(o, "system")) return;
    if (n == 1 && !(plan->lead && (plan->items[0].mark || plan->items[0].part->type != TAMAR_PART_TEXT))) {
        tamar_str text = plan->lead ? plan->items[0].part->text : tamar__str_z(plan->hints[0]);
        tamar_json_write_string(&o->w, text.ptr, text.len);
        return;
    }
    tamar_json_write_array(&o->w);
    for (i = 0; i < plan->lead; i++) tamar__dialect_claude_part(o, &plan->items[i]);
    for (i = 0; i < plan->hint_count; i++) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", "text");
        tamar__dialect_z_member(o, "text", plan->hints[i]);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static const tamar__dialect_schema_rules *tamar__dialect_claude_schema(void)
{
    static const tamar__dialect_schema_rules rules = {
        "type,properties,required,items,enum,const,anyOf,allOf,$defs,$ref,title,description,format,minItems",
        "date-time,time,date,duration,email,hostname,uri,ipv4,ipv6,uuid", true, false, true, true, 1, 24
    };
    return &rules;
}

static void tamar__dialect_claude_tool(tamar__dialect_out *o, const tamar_tool *t)
{
    tamar_json schema;
    bool strict = t->strict && !(o->to->profile->flags & TAMAR_MODEL_NO_SCHEMA);
    if (t->raw) {
        tamar__dialect_raw(o, t->raw);
        return;
    }
    if (t->strict && !strict)
        tamar__talk_warn(o->notes, "schema", "this model cannot enforce a tool's schema; strict was left out");
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "name", t->name);
    tamar__dialect_z_member(o, "description", t->description);
    tamar_json_write_key(&o->w, "input_schema");
    if (!t->parameters || !tamar_json_parse(t->parameters, strlen(t->parameters), &schema, NULL))
        tamar__dialect_raw(o, strict ? "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}"
                                     : "{\"type\":\"object\",\"properties\":{}}");
    else if (strict) tamar__dialect_schema_text(o, tamar__dialect_claude_schema(), t->parameters);
    else if (tamar_json_get(schema, "type").ptr) tamar__dialect_raw(o, t->parameters);
    else {  // which has to be there
        tamar_json_iter it = tamar_json_iterate(schema);
        tamar_json key, value;
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", "object");
        while (tamar_json_next(&it, &key, &value)) {
            tamar_str name = tamar__json_text(o->arena, key);
            if (!name.ptr) {
                o->starved = true;
                return;
            }
            tamar_json_write_key_n(&o->w, name.ptr, name.len);
            tamar_json_write_raw(&o->w, value.ptr, value.len);
        }
        tamar_json_write_end(&o->w);
    }
    if (strict) {
        tamar_json_write_key(&o->w, "strict");
        tamar_json_write_bool(&o->w, true);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_claude_tools(tamar__dialect_out *o, const tamar__dialect_claude_plan *plan)
{
    static const char *const words[] = { "auto", "auto", "none", "any", "tool" };
    const tamar_request *rq = o->rq;
    tamar_tool_choice choice = plan->forced ? TAMAR_TOOL_CHOICE_AUTO : rq->tool_choice;
    bool single = rq->parallel_tool_calls.set && !rq->parallel_tool_calls.value && choice != TAMAR_TOOL_CHOICE_NONE;
    size_t i;
    if (!rq->tool_count && !(o->extra.ptr && tamar_json_get(o->extra, "tools").ptr)) {
        if (rq->tool_choice != TAMAR_TOOL_CHOICE_DEFAULT || rq->parallel_tool_calls.set)
            tamar__talk_warn(o->notes, "dropped",
                             "without tools tool_choice and parallel_tool_calls mean nothing; they were left out");
        return;
    }
    if (rq->tool_count && tamar__dialect_key(o, "tools")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->tool_count; i++) tamar__dialect_claude_tool(o, &rq->tools[i]);
        tamar_json_write_end(&o->w);
    }
    if ((choice == TAMAR_TOOL_CHOICE_DEFAULT && !single) || (int)choice < 0 || choice > TAMAR_TOOL_CHOICE_NAMED ||
        !tamar__dialect_key(o, "tool_choice"))
        return;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", words[choice]);
    if (choice == TAMAR_TOOL_CHOICE_NAMED) tamar__dialect_z_member(o, "name", rq->tool_name);
    if (single) {
        tamar_json_write_key(&o->w, "disable_parallel_tool_use");
        tamar_json_write_bool(&o->w, true);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_claude_thinking_out(tamar__dialect_out *o, const tamar__dialect_claude_plan *plan)
{
    static const char *const kinds[] = { NULL, "adaptive", "enabled", "disabled", "between_tools" };
    static const char *const levels[] = { NULL, NULL, "low", "low", "medium", "high", "xhigh", "max" };
    if (plan->thinking && tamar__dialect_key(o, "thinking")) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", kinds[plan->thinking]);
        if (plan->thinking == TAMAR__DIALECT_CLAUDE_ADAPTIVE)
            tamar__dialect_z_member(o, "display", "summarized");  // newer models leave the text out otherwise
        if (plan->thinking == TAMAR__DIALECT_CLAUDE_ENABLED) {
            tamar_json_write_key(&o->w, "budget_tokens");
            tamar_json_write_int(&o->w, plan->budget);
        }
        tamar_json_write_end(&o->w);
    }
    if ((plan->level || plan->schema) && tamar__dialect_key(o, "output_config")) {
        tamar_json_write_object(&o->w);
        if (plan->level) tamar__dialect_z_member(o, "effort", levels[plan->level]);
        if (plan->schema) {
            tamar_json_write_key(&o->w, "format");
            tamar_json_write_object(&o->w);
            tamar__dialect_z_member(o, "type", "json_schema");
            tamar_json_write_key(&o->w, "schema");
            tamar__dialect_schema_text(o, tamar__dialect_claude_schema(), o->rq->schema);
            tamar_json_write_end(&o->w);
        }
        tamar_json_write_end(&o->w);
    }
}

static void tamar__dialect_claude_sampling(tamar__dialect_out *o, tamar__dialect_claude_plan *plan)
{
    const tamar_request *rq = o->rq;
    uint64_t flags = o->to->profile->flags;
    bool thinks = plan->thinking == TAMAR__DIALECT_CLAUDE_ENABLED || plan->thinking == TAMAR__DIALECT_CLAUDE_ADAPTIVE;
    const char *refused = flags & TAMAR_MODEL_NO_SAMPLING
                              ? "this model takes no sampling parameters; they were left out"
                          : thinks ? "this model takes no sampling parameters while it thinks; they were left out"
                                   : NULL;
    const char *top_p = thinks && !(flags & TAMAR_MODEL_NO_SAMPLING) &&
                                rq->top_p.value > 0.9499999 && rq->top_p.value <= 1
                            ? NULL
                            : refused;
    tamar_opt_double temperature = rq->temperature;
    if (!top_p && !refused && rq->temperature.set && flags & TAMAR_MODEL_ONE_SAMPLING)
        top_p = "this model takes temperature or top_p, not both; top_p was left out";
    if (temperature.value > 1 && !refused) {
        temperature.value = 1;
        if (temperature.set)
            tamar__talk_warn(o->notes, "unsupported", "this vendor's temperature ends at 1; 1 was sent");
    }
    plan->sampled = (rq->temperature.set && !refused) || (rq->top_p.set && !top_p) || (rq->top_k.set && !refused);
    tamar__dialect_number(o, "temperature", temperature, refused);
    tamar__dialect_number(o, "top_p", rq->top_p, top_p);
    if (rq->top_k.set && refused) tamar__talk_warn(o->notes, "unsupported", refused);
    else if (rq->top_k.set && tamar__dialect_key(o, "top_k")) tamar_json_write_int(&o->w, rq->top_k.value);
}

static void tamar__dialect_claude_rest(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    size_t i, n = 0;
    for (i = 0; i < rq->stop_count; i++)
        if (tamar__str_trim(tamar__str_z(rq->stop[i])).len) n++;
    if (n < rq->stop_count)
        tamar__talk_warn(o->notes, "unsupported",
                         "this vendor takes no stop sequence of nothing but space; it was left out");
    if (n && tamar__dialect_key(o, "stop_sequences")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->stop_count; i++)
            if (tamar__str_trim(tamar__str_z(rq->stop[i])).len)
                tamar_json_write_string(&o->w, rq->stop[i], strlen(rq->stop[i]));
        tamar_json_write_end(&o->w);
    }
    if (rq->user && tamar__dialect_key(o, "metadata")) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "user_id", rq->user);
        tamar_json_write_end(&o->w);
    }
    if (rq->service_tier && tamar__dialect_key(o, "service_tier")) {
        const char *tier = !strcmp(rq->service_tier, "default") || !strcmp(rq->service_tier, "standard")
                               ? "standard_only"
                               : rq->service_tier;
        tamar_json_write_string(&o->w, tier, strlen(tier));
    }
    if (rq->metadata)
        tamar__talk_warn(o->notes, "unsupported", "this vendor takes no metadata but the user's id; it was left out");
    if (rq->seed.set) tamar__talk_warn(o->notes, "unsupported", "this vendor takes no seed; it was left out");
    if (rq->frequency_penalty.set || rq->presence_penalty.set)
        tamar__talk_warn(o->notes, "unsupported", "this vendor takes no penalties; they were left out");
    if (rq->logprobs.set || rq->top_logprobs.set)
        tamar__talk_warn(o->notes, "unsupported", "this vendor gives no logprobs; they were left out");
    if (rq->choices > 1)
        tamar__talk_warn(o->notes, "unsupported", "only the first answer is read; ask several times for several");
    if (rq->verbosity) tamar__talk_warn(o->notes, "unsupported", "this vendor takes no verbosity; it was left out");
    if (rq->cache_key)
        tamar__talk_warn(o->notes, "unsupported", "this vendor takes no cache key: mark parts with cache instead");
    if (rq->store.set) tamar__talk_warn(o->notes, "unsupported", "this vendor takes no store; it was left out");
}

// The newer version took the sampling parameters away; other vendors' servers know the older one only.
static void tamar__dialect_claude_version(tamar__dialect_out *o, bool sampled)
{
    const char *home = o->to->provider->base_url;
    bool at_home = home && o->to->provider->quirks & TAMAR_QUIRK_VERSION_2026 && tamar__str_starts(o->to->base, home) &&
                   (o->to->base.len == strlen(home) || o->to->base.ptr[strlen(home)] == '/');
    tamar_header *h = &o->headers[o->header_count++];
    size_t i;
    static const char *const sampling[] = { "temperature", "top_p", "top_k" };
    for (i = 0; i < 3 && o->extra.ptr; i++)
        if (tamar_json_get(o->extra, sampling[i]).ptr) sampled = true;
    h->name = tamar__str_z("anthropic-version");
    h->value = tamar__str_z(at_home && !sampled ? "2026-10-21" : "2023-06-01");
    h->secret = false;
}

static void tamar__dialect_claude_models_encode(tamar__dialect_out *o) { tamar__dialect_claude_version(o, false); }

// Everything fixed first, messages last. Chats, and the same when it is only counted.
static void tamar__dialect_claude_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar__dialect_claude_plan plan;
    bool chat = rq->kind == TAMAR_KIND_CHAT;
    tamar__dialect_claude_decide(o, &plan);
    if (o->refused || o->starved) return;
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    if (chat && rq->stream && tamar__dialect_key(o, "stream")) tamar_json_write_bool(&o->w, true);
    if (chat && tamar__dialect_key(o, "max_tokens")) tamar_json_write_int(&o->w, plan.max_tokens);
    tamar__dialect_claude_thinking_out(o, &plan);
    if (chat) {
        tamar__dialect_claude_sampling(o, &plan);
        tamar__dialect_claude_rest(o);
    }
    tamar__dialect_claude_tools(o, &plan);
    if (o->extra.ptr) tamar__dialect_extra(o);
    tamar__dialect_claude_system(o, &plan);
    tamar__dialect_claude_messages(o, &plan);
    tamar_json_write_end(&o->w);
    tamar__dialect_claude_version(o, plan.sampled);
}

// -- anthropic-messages: answers -------------------------------------------------------------------

typedef enum tamar__dialect_claude_kind {
    TAMAR__DIALECT_CLAUDE_NONE,
    TAMAR__DIALECT_CLAUDE_TEXT,
    TAMAR__DIALECT_CLAUDE_THINKING,
    TAMAR__DIALECT_CLAUDE_CALL,
    TAMAR__DIALECT_CLAUDE_OTHER  // only the vendor understands it
} tamar__dialect_claude_kind;

// A content block between its start and its stop.
typedef struct tamar__dialect_claude_block {
    tamar__dialect_claude_kind kind;
    int64_t index;
    size_t piece;  // its number, from 1; 0: none yet
    tamar__dialect_call *call;
    tamar_str start;  // CALL: the input it began with. OTHER: the whole block as it began
    tamar__str_buf more;  // TEXT: citations, with commas. OTHER: what deltas brought
    tamar__json_carry carry;
    bool content;  // what deltas brought is its content, not its input
} tamar__dialect_claude_block;

enum { TAMAR__DIALECT_CLAUDE_OPEN = 8 };  // blocks under way at once; the vendor sends one after the other

typedef struct tamar__dialect_claude_state {
    tamar__dialect_claude_block blocks[TAMAR__DIALECT_CLAUDE_OPEN];
    tamar_opt_int counts[5];  // input, written to and read from the cache, output, thinking: the last ones
} tamar__dialect_claude_state;

static tamar_str tamar__dialect_kept(tamar__dialect_decoder *d, const char *ptr, size_t len)
{
    char *copy = tamar__arena_copy(d->arena, ptr, len);
    if (!copy) d->damaged = true;
    return copy ? tamar__str_make(copy, len) : tamar__str_make("", 0);
}

// What deltas brought is put into the block as it began: the JSON that the vendor would have sent whole.
static tamar_str tamar__dialect_claude_whole(tamar__dialect_decoder *d, tamar__dialect_claude_block *b)
{
    tamar_allocator in = tamar__arena_allocator(d->arena);
    tamar_json_writer w;
    tamar_json block, key, value, input;
    tamar_json_iter it;
    tamar_str text;
    const char *member = b->content ? "content" : "input";
    if (!tamar__json_flush(&b->more, &b->carry)) d->damaged = true;
    if (!tamar_json_parse(b->start.ptr, b->start.len, &block, NULL)) return b->start;
    if (!b->content && !tamar_json_parse(b->more.ptr, b->more.len, &input, NULL)) return b->start;  // it broke off
    tamar_json_write_growing(&w, &in, SIZE_MAX / 2);
    tamar_json_write_object(&w);
    it = tamar_json_iterate(block);
    while (tamar_json_next(&it, &key, &value)) {
        tamar_str name = tamar__json_text(d->arena, key);
        if (!name.ptr) d->damaged = true;
        if (!name.ptr || tamar__str_is(name, member)) continue;
        tamar_json_write_key_n(&w, name.ptr, name.len);
        tamar_json_write_raw(&w, value.ptr, value.len);
    }
    tamar_json_write_key(&w, member);
    if (b->content) tamar_json_write_string(&w, b->more.ptr, b->more.len);
    else tamar_json_write_raw(&w, b->more.ptr, b->more.len);
    tamar_json_write_end(&w);
    if (tamar_json_writer_end(&w, &text)) return text;
    d->damaged = true;
    return b->start;
}

static void tamar__dialect_claude_stop(tamar__dialect_decoder *d, tamar__dialect_claude_block *b)
{
    tamar__dialect_piece *p = b->piece ? &d->pieces[b->piece - 1] : NULL;
    d->effects += 2;
    if (p) p->closed = true;
    if (b->kind == TAMAR__DIALECT_CLAUDE_TEXT && p && b->more.len) {
        tamar__str_buf all;
        tamar__str_init(&all, d->arena, SIZE_MAX / 2);
        tamar__str_puts(&all, "{\"citations\":[");
        tamar__str_put(&all, b->more.ptr, b->more.len);
        tamar__str_puts(&all, "]}");
        if (all.full) d->damaged = true;
        else p->opaque = tamar__str_view(&all);
    }
    // Deltas win over the input that a call began with.
    if (b->kind == TAMAR__DIALECT_CLAUDE_CALL && b->start.len && !b->call->arguments.len &&
        !tamar__json_append_bytes(&b->call->arguments, b->start.ptr, b->start.len, &b->call->carry))
        d->damaged = true;
    if (b->kind == TAMAR__DIALECT_CLAUDE_OTHER && p && b->more.len) p->opaque = tamar__dialect_claude_whole(d, b);
    b->kind = TAMAR__DIALECT_CLAUDE_NONE;
}

static tamar__dialect_claude_block *tamar__dialect_claude_find(tamar__dialect_decoder *d, int64_t index)
{
    tamar__dialect_claude_state *s = (tamar__dialect_claude_state *)tamar__dialect_own(d, sizeof *s);
    size_t i;
    for (i = 0; s && i < TAMAR__DIALECT_CLAUDE_OPEN; i++)
        if (s->blocks[i].kind && s->blocks[i].index == index) return &s->blocks[i];
    return NULL;
}

static void tamar__dialect_claude_text(tamar__dialect_decoder *d, tamar__dialect_claude_block *b,
                                       tamar_part_type type, tamar_json text)
{
    if (tamar__dialect_blank(text)) return;
    if (b && b->piece && b->piece != d->piece_count) {  // another block came in between: a piece of its own
        if (d->piece_count) d->pieces[d->piece_count - 1].closed = true;
        b->piece = 0;
        d->effects += 2;
    }
    tamar__dialect_append(d, type, text);
    if (b && !b->piece) b->piece = d->piece_count;
}

static void tamar__dialect_claude_cite(tamar__dialect_decoder *d, tamar__dialect_claude_block *b, tamar_json citation)
{
    tamar_json url = tamar_json_get(citation, "url"), source = tamar_json_get(citation, "source");
    d->effects += 2;
    if (tamar_json_type_of(citation) != TAMAR_JSON_OBJECT) return;
    if (b && ((b->more.len && !tamar__str_putc(&b->more, ',')) ||
              !tamar__str_put(&b->more, citation.ptr, citation.len)))
        d->damaged = true;
    if (!url.ptr && source.len > 5 && !memcmp(source.ptr, "\"http", 5)) url = source;
    tamar__dialect_cite(d, url, tamar_json_get(citation, "title"));
}

// The signature lives in the part's opaque member: {"signature":".."}; without one, {}.
static void tamar__dialect_claude_sign(tamar__dialect_decoder *d, tamar__dialect_claude_block *b, tamar_json signature)
{
    tamar__str_buf all;
    d->effects += 2;
    if (!b || !b->piece || b->kind != TAMAR__DIALECT_CLAUDE_THINKING || tamar__dialect_blank(signature)) return;
    tamar__str_init(&all, d->arena, SIZE_MAX / 2);
    tamar__str_puts(&all, "{\"signature\":");
    tamar__str_put(&all, signature.ptr, signature.len);
    tamar__str_putc(&all, '}');
    if (all.full) d->damaged = true;
    else d->pieces[b->piece - 1].opaque = tamar__str_view(&all);
}

// A block begins. NULL: memory is out, or there were too many calls.
static tamar__dialect_claude_block *tamar__dialect_claude_start(tamar__dialect_decoder *d, int64_t index,
                                                                tamar_json block)
{
    tamar__dialect_claude_state *s = (tamar__dialect_claude_state *)tamar__dialect_own(d, sizeof *s);
    tamar__dialect_claude_block *b = tamar__dialect_claude_find(d, index);
    tamar_json type = tamar_json_get(block, "type"), input = tamar_json_get(block, "input"), key, value;
    tamar_json_iter it;
    size_t i;
    d->effects += 2;
    if (!s || tamar_json_type_of(block) != TAMAR_JSON_OBJECT) return NULL;
    for (i = 0; !b && i < TAMAR__DIALECT_CLAUDE_OPEN; i++)
        if (!s->blocks[i].kind) b = &s->blocks[i];
    if (!b) b = &s->blocks[index < 0 ? 0 : index % TAMAR__DIALECT_CLAUDE_OPEN];
    if (b->kind) tamar__dialect_claude_stop(d, b);
    memset(b, 0, sizeof *b);
    b->index = index;
    tamar__str_init(&b->more, d->arena, d->max_body);
    if (d->piece_count) d->pieces[d->piece_count - 1].closed = true;
    if (tamar_json_is(type, "text")) {
        b->kind = TAMAR__DIALECT_CLAUDE_TEXT;
        tamar__dialect_claude_text(d, b, TAMAR_PART_TEXT, tamar_json_get(block, "text"));
        value = tamar_json_get(block, "citations");
        it = tamar_json_iterate(value);
        if (tamar_json_type_of(value) == TAMAR_JSON_ARRAY)
            while (tamar_json_next(&it, &key, &value)) tamar__dialect_claude_cite(d, b, value);
    }
    else if (tamar_json_is(type, "thinking")) {
        tamar__dialect_piece *p = tamar__dialect_open(d, TAMAR_PART_REASONING);
        if (!p) return NULL;
        b->kind = TAMAR__DIALECT_CLAUDE_THINKING;
        b->piece = d->piece_count;
        p->opaque = tamar__str_make("{}", 2);
        tamar__dialect_claude_text(d, b, TAMAR_PART_REASONING, tamar_json_get(block, "thinking"));
        tamar__dialect_claude_sign(d, b, tamar_json_get(block, "signature"));
    }
    else if (tamar_json_is(type, "tool_use")) {
        tamar__dialect_call *c = tamar__dialect_call_add(d, index);
        tamar_json caller = tamar_json_get(block, "caller");
        if (!c) return NULL;
        b->kind = TAMAR__DIALECT_CLAUDE_CALL;
        b->call = c;
        b->piece = d->piece_count;
        tamar__dialect_first_text(d, &c->id, tamar_json_get(block, "id"));
        tamar__dialect_first_text(d, &c->name, tamar_json_get(block, "name"));
        if (tamar_json_type_of(input) > TAMAR_JSON_NULL && tamar_json_count(input))
            b->start = tamar__dialect_kept(d, input.ptr, input.len);
        if (tamar_json_type_of(caller) == TAMAR_JSON_OBJECT) {
            tamar__str_buf all;
            tamar__str_init(&all, d->arena, SIZE_MAX / 2);
            tamar__str_puts(&all, "{\"caller\":");
            tamar__str_put(&all, caller.ptr, caller.len);
            tamar__str_putc(&all, '}');
            if (all.full) d->damaged = true;
            else c->extra = tamar__str_view(&all);
        }
    }
    else {
        tamar__dialect_opaque(d, block);
        b->kind = TAMAR__DIALECT_CLAUDE_OTHER;
        b->piece = d->piece_count;
        if (d->damaged || !b->piece) return NULL;
        b->start = d->pieces[b->piece - 1].opaque;
        d->committed = true;
    }
    return b;
}

static void tamar__dialect_claude_content(tamar__dialect_decoder *d, tamar_json content)
{
    tamar_json_iter it = tamar_json_iterate(content);
    tamar_json key, block;
    if (tamar_json_type_of(content) != TAMAR_JSON_ARRAY) return;
    while (!d->damaged && tamar_json_next(&it, &key, &block)) {
        tamar__dialect_claude_block *b = tamar__dialect_claude_start(d, -1, block);
        if (b) tamar__dialect_claude_stop(d, b);
    }
}

// Each count that is not null replaces the one before; input is what went past the caches, so theirs are added.
static void tamar__dialect_claude_usage(tamar__dialect_decoder *d, tamar_json usage)
{
    static const char *const names[] = { "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens",
                                         "output_tokens", "output_tokens_details/thinking_tokens" };
    tamar__dialect_claude_state *s = (tamar__dialect_claude_state *)tamar__dialect_own(d, sizeof *s);
    int64_t n;
    size_t i;
    d->effects += 2;
    if (!s || tamar_json_type_of(usage) != TAMAR_JSON_OBJECT) return;
    for (i = 0; i < 5; i++)
        if (tamar__json_lenient_int(tamar_json_at(usage, names[i]), &n) && n >= 0 && n <= INT64_MAX / 4) {
            s->counts[i].set = true;
            s->counts[i].value = n;
        }
    d->usage.input_tokens = s->counts[0];
    if (s->counts[0].set) d->usage.input_tokens.value += s->counts[1].value + s->counts[2].value;
    d->usage.cache_write_tokens = s->counts[1];
    d->usage.cached_input_tokens = s->counts[2];
    d->usage.output_tokens = s->counts[3];
    d->usage.reasoning_tokens = s->counts[4];
}

static void tamar__dialect_claude_message(tamar__dialect_decoder *d, tamar_json message)
{
    d->effects += 2;
    tamar__dialect_first_text(d, &d->id, tamar_json_get(message, "id"));
    tamar__dialect_first_text(d, &d->model, tamar_json_get(message, "model"));
    if (!d->committed) tamar__dialect_claude_content(d, tamar_json_get(message, "content"));  // a second start repeats
    tamar__dialect_claude_usage(d, tamar_json_get(message, "usage"));
    tamar__dialect_finish_word(d, tamar_json_get(message, "stop_reason"));
}

static void tamar__dialect_bad_json(tamar__dialect_decoder *d, tamar_str text, tamar_json_error why, bool streaming)
{
    if (why.status == TAMAR_JSON_TOO_DEEP)
        tamar__dialect_fail(d, TAMAR_LIMIT, "the answer's JSON is nested deeper than 64 levels");
    else if (why.status == TAMAR_JSON_TRUNCATED && !streaming)
        tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
    else tamar__dialect_fail_with(d, TAMAR_PARSE, "the answer is not valid JSON: ", text);
}

typedef struct tamar__dialect_claude_views {
    tamar_json type, index, block, message, usage, error;
    // of the delta
    tamar_json kind, text, thinking, partial, signature, citation, content, reason;
} tamar__dialect_claude_views;

static void tamar__dialect_claude_look(tamar_json_reader *r, tamar__dialect_claude_views *v)
{
    tamar_json key;
    while (tamar_json_read_key(r, &key)) {
        const char *name = key.ptr + 1;
        switch (key.len) {  // with its quotes
        case 6:
            if (!memcmp(name, "type", 4)) v->kind = tamar_json_read_value(r);
            else if (!memcmp(name, "text", 4)) v->text = tamar_json_read_value(r);
            break;
        case 9: if (!memcmp(name, "content", 7)) v->content = tamar_json_read_value(r); break;
        case 10:
            if (!memcmp(name, "thinking", 8)) v->thinking = tamar_json_read_value(r);
            else if (!memcmp(name, "citation", 8)) v->citation = tamar_json_read_value(r);
            break;
        case 11: if (!memcmp(name, "signature", 9)) v->signature = tamar_json_read_value(r); break;
        case 13: if (!memcmp(name, "stop_reason", 11)) v->reason = tamar_json_read_value(r); break;
        case 14: if (!memcmp(name, "partial_json", 12)) v->partial = tamar_json_read_value(r); break;
        default: break;
        }
    }
}

static void tamar__dialect_claude_delta(tamar__dialect_decoder *d, const tamar__dialect_claude_views *v)
{
    int64_t index = -1;
    tamar__dialect_claude_block *b;
    if (v->index.ptr && !tamar__json_lenient_int(v->index, &index)) index = -1;
    b = tamar__dialect_claude_find(d, index);
    if (tamar_json_is(v->kind, "text_delta")) tamar__dialect_claude_text(d, b, TAMAR_PART_TEXT, v->text);
    else if (tamar_json_is(v->kind, "thinking_delta"))
        tamar__dialect_claude_text(d, b, TAMAR_PART_REASONING, v->thinking);
    else if (tamar_json_is(v->kind, "input_json_delta")) {
        tamar__str_buf *into = b && b->kind == TAMAR__DIALECT_CLAUDE_CALL    ? &b->call->arguments
                               : b && b->kind == TAMAR__DIALECT_CLAUDE_OTHER ? &b->more
                                                                             : NULL;
        d->effects += 2;
        if (into && !tamar__dialect_blank(v->partial) &&
            !tamar__json_append(into, v->partial, into == &b->more ? &b->carry : &b->call->carry))
            d->damaged = true;
    }
    else if (tamar_json_is(v->kind, "signature_delta")) tamar__dialect_claude_sign(d, b, v->signature);
    else if (tamar_json_is(v->kind, "citations_delta"))
        tamar__dialect_claude_cite(d, b && b->kind == TAMAR__DIALECT_CLAUDE_TEXT ? b : NULL, v->citation);
    else if (b && b->kind == TAMAR__DIALECT_CLAUDE_OTHER && !tamar__dialect_blank(v->content)) {  // compaction_delta
        b->content = true;
        d->effects += 2;
        if (!tamar__json_append(&b->more, v->content, &b->carry)) d->damaged = true;
    }
}

static void tamar__dialect_claude_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar__dialect_claude_views v;
    tamar__dialect_claude_state *s;
    tamar_json_reader r;
    tamar_json_error why;
    tamar_json key, root;
    size_t i;
    data = tamar__str_trim(data);
    if (!data.len || tamar__str_is(data, "[DONE]")) return;  // which proves nothing here
    memset(&v, 0, sizeof v);
    tamar_json_reader_begin(&r, data.ptr, data.len);
    if (tamar_json_read_object(&r))
        while (tamar_json_read_key(&r, &key)) {
            const char *name = key.ptr + 1;
            switch (key.len) {  // with its quotes
            case 6: if (!memcmp(name, "type", 4)) v.type = tamar_json_read_value(&r); break;
            case 7:
                if (!memcmp(name, "index", 5)) v.index = tamar_json_read_value(&r);
                else if (!memcmp(name, "usage", 5)) v.usage = tamar_json_read_value(&r);
                else if (!memcmp(name, "error", 5)) v.error = tamar_json_read_value(&r);
                else if (!memcmp(name, "delta", 5) && tamar_json_read_object(&r)) tamar__dialect_claude_look(&r, &v);
                break;
            case 9: if (!memcmp(name, "message", 7)) v.message = tamar_json_read_value(&r); break;
            case 15: if (!memcmp(name, "content_block", 13)) v.block = tamar_json_read_value(&r); break;
            default: break;
            }
        }
    if (!tamar_json_reader_end(&r, &why)) {
        tamar__dialect_bad_json(d, data, why, true);
        return;
    }
    if (tamar_json_is(v.type, "content_block_delta")) tamar__dialect_claude_delta(d, &v);
    else if (tamar_json_is(v.type, "content_block_start")) {
        int64_t index = -1;
        if (v.index.ptr && !tamar__json_lenient_int(v.index, &index)) index = -1;
        tamar__dialect_claude_start(d, index, v.block);
    }
    else if (tamar_json_is(v.type, "content_block_stop")) {
        int64_t index = -1;
        tamar__dialect_claude_block *b;
        if (v.index.ptr && !tamar__json_lenient_int(v.index, &index)) index = -1;
        b = tamar__dialect_claude_find(d, index);
        if (b) tamar__dialect_claude_stop(d, b);
    }
    else if (tamar_json_is(v.type, "message_start")) tamar__dialect_claude_message(d, v.message);
    else if (tamar_json_is(v.type, "message_delta")) {
        tamar__dialect_claude_usage(d, v.usage);
        tamar__dialect_finish_word(d, v.reason);
    }
    else if (tamar_json_is(v.type, "message_stop")) {
        s = (tamar__dialect_claude_state *)tamar__dialect_own(d, sizeof *s);
        for (i = 0; s && i < TAMAR__DIALECT_CLAUDE_OPEN; i++)
            if (s->blocks[i].kind) tamar__dialect_claude_stop(d, &s->blocks[i]);
        d->done = true;
        d->over = true;
    }
    else if (tamar_json_is(v.type, "ping")) d->heartbeat = true;
    else if (tamar_json_is(v.type, "error") || tamar_json_type_of(v.error) > TAMAR_JSON_NULL ||
             tamar__str_is(event, "error")) {
        if (tamar_json_parse(data.ptr, data.len, &root, NULL)) tamar__dialect_vendor_error(d, root, true);
        if (d->error.category == TAMAR_OK) tamar__dialect_fail_with(d, TAMAR_SERVER, "", data);
    }
}

static void tamar__dialect_claude_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root;
    tamar_json_error why;
    bool message;
    if (!tamar_json_parse(json.ptr, json.len, &root, &why)) {
        tamar__dialect_bad_json(d, json, why, false);
        return;
    }
    message = tamar_json_is(tamar_json_get(root, "type"), "message") ||
              tamar_json_type_of(tamar_json_get(root, "content")) == TAMAR_JSON_ARRAY;
    if (message) tamar__dialect_claude_message(d, root);
    if (tamar_json_type_of(tamar_json_get(root, "error")) > TAMAR_JSON_NULL || !message)
        tamar__dialect_vendor_error(d, root, !message);
    d->done = true;
    if (d->error.category == TAMAR_OK && !d->damaged && !message)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no message: ", json);
}

static void tamar__dialect_claude_models_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root, data, key, item;
    tamar_json_iter it;
    tamar_json_error why;
    bool more = false;
    if (!tamar_json_parse(json.ptr, json.len, &root, &why)) {
        tamar__dialect_bad_json(d, json, why, false);
        return;
    }
    data = tamar_json_get(root, "data");
    d->done = true;
    if (tamar_json_type_of(data) != TAMAR_JSON_ARRAY) {
        if (!tamar__dialect_vendor_error(d, root, true))
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of models: ", json);
        return;
    }
    it = tamar_json_iterate(data);
    while (!d->damaged && tamar_json_next(&it, &key, &item)) {
        tamar_str id = tamar__dialect_text(d, tamar_json_get(item, "id"));
        tamar_model *m = id.len ? tamar__dialect_model(d, id, tamar_json_get(item, "display_name")) : NULL;
        int64_t n;
        if (m && tamar__json_lenient_int(tamar_json_get(item, "max_input_tokens"), &n) && n > 0) m->input_tokens = n;
        if (m && tamar__json_lenient_int(tamar_json_get(item, "max_tokens"), &n) && n > 0) m->output_tokens = n;
    }
    if (tamar_json_get_bool(tamar_json_get(root, "has_more"), &more) == TAMAR_JSON_OK && more)
        tamar__talk_warn(&d->notes, "more", "the vendor has more models than it listed");
}

static void tamar__dialect_claude_tokens_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root;
    tamar_json_error why;
    int64_t n;
    if (!tamar_json_parse(json.ptr, json.len, &root, &why)) {
        tamar__dialect_bad_json(d, json, why, false);
        return;
    }
    d->done = true;
    if (tamar__json_lenient_int(tamar_json_get(root, "input_tokens"), &n) && n >= 0) {
        d->usage.input_tokens.set = true;
        d->usage.input_tokens.value = n;
    }
    else if (!tamar__dialect_vendor_error(d, root, true))
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no count of tokens: ", json);
}

// -- gemini: requests ------------------------------------------------------------------------------

static bool tamar__dialect_gemini_flag(const tamar__dialect_out *o, uint64_t flag)
{
    return (o->to->profile->flags & flag) != 0;
}

static bool tamar__dialect_gemini_vertex(const tamar__dialect_out *o)
{
    return (o->to->provider->quirks & TAMAR_QUIRK_VERTEX) != 0;
}

static void tamar__dialect_gemini_unsupported(tamar__dialect_out *o, const char *why)
{
    tamar__talk_warn(o->notes, "unsupported", why);
}

// What stands in front of a member that may turn out empty: it is written on the side. Pairs with aside_end.
static tamar_json_writer tamar__dialect_gemini_aside(tamar__dialect_out *o)
{
    tamar_json_writer before = o->w;
    tamar_allocator in = tamar__arena_allocator(o->arena);
    tamar_json_write_growing(&o->w, &in, SIZE_MAX / 2);
    tamar_json_write_object(&o->w);
    return before;
}

static void tamar__dialect_gemini_aside_end(tamar__dialect_out *o, const char *key, tamar_json_writer *before)
{
    tamar_str text;
    bool good;
    tamar_json_write_end(&o->w);
    good = tamar_json_writer_end(&o->w, &text);
    if (o->w.replaced) before->replaced = true;
    if (!good && before->status == TAMAR_JSON_OK) before->status = o->w.status;
    o->w = *before;
    if (!good || text.len <= 2) return;
    tamar_json_write_key(&o->w, key);
    tamar_json_write_raw(&o->w, text.ptr, text.len);
}

// The path of a model's call. Names come bare, as models/x, tunedModels/x, or, with Vertex, as vendor/x,
// publishers/vendor/models/x, endpoints/1 and projects/...
static void tamar__dialect_gemini_path(tamar__dialect_out *o, const char *method)
{
    tamar__str_buf b;
    tamar_str name = o->to->model, rest;
    bool vertex = tamar__dialect_gemini_vertex(o);
    size_t slash;
    if (tamar__str_starts(name, "models/")) name.ptr += 7, name.len -= 7;
    slash = tamar__str_at(name, '/');
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (!vertex) tamar__str_puts(&b, slash < name.len ? "/v1beta/" : "/v1beta/models/");
    else if (tamar__str_starts(name, "projects/")) tamar__str_puts(&b, "/v1/");
    else if (tamar__str_starts(name, "publishers/") || tamar__str_starts(name, "endpoints/")) tamar__str_putc(&b, '/');
    else if (slash == name.len) tamar__str_puts(&b, "/publishers/google/models/");
    else {
        tamar__str_puts(&b, "/publishers/");
        tamar__url_segment(&b, tamar__str_make(name.ptr, slash));
        tamar__str_puts(&b, "/models/");
        name.ptr += slash + 1;
        name.len -= slash + 1;
    }
    for (rest = name; rest.len;) {
        slash = tamar__str_at(rest, '/');
        tamar__url_segment(&b, tamar__str_make(rest.ptr, slash));
        if (slash < rest.len) tamar__str_putc(&b, '/'), slash++;
        rest.ptr += slash;
        rest.len -= slash;
    }
    tamar__str_putc(&b, ':');
    tamar__str_puts(&b, method);
    if (!tamar__str_putc(&b, 0)) o->starved = true;
    else o->path = b.ptr;
}

static bool tamar__dialect_gemini_given(const tamar__dialect_out *o, const char *key)
{
    return o->extra.ptr && tamar_json_get(o->extra, key).ptr;
}

// "models/x", as bodies name a model.
static void tamar__dialect_gemini_model_member(tamar__dialect_out *o)
{
    tamar__str_buf b;
    if (tamar__dialect_gemini_given(o, "model")) return;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (tamar__str_at(o->to->model, '/') == o->to->model.len) tamar__str_puts(&b, "models/");
    tamar__str_put(&b, o->to->model.ptr, o->to->model.len);
    tamar__dialect_str_member(o, "model", tamar__dialect_aside(o, &b));
}

// extra's members, but for one that comes last and one (or NULL) that was merged into ours.
static void tamar__dialect_gemini_extra(tamar__dialect_out *o, const char *last, const char *merged)
{
    tamar_json_iter it = tamar_json_iterate(o->extra);
    tamar_json key, value;
    if (!o->extra.ptr) return;
    while (tamar_json_next(&it, &key, &value)) {
        tamar_str name;
        if (tamar_json_is(key, last) || (merged && tamar_json_is(key, merged))) continue;
        name = tamar__json_text(o->arena, key);
        if (!name.ptr) o->starved = true;
        if (!name.ptr || tamar_json_get(o->extra, name.ptr).ptr != value.ptr) continue;
        tamar_json_write_key_n(&o->w, name.ptr, name.len);
        tamar_json_write_raw(&o->w, value.ptr, value.len);
    }
}

// JSON Schema as Google takes it: without $schema, and with const as an enum of one. names: the members are names of
// properties or definitions, not keywords.
static void tamar__dialect_gemini_schema(tamar__dialect_out *o, tamar_json v, bool names)
{
    static const char *const kept[] = { "enum", "default", "example", "examples" };
    static const char *const maps[] = { "properties", "$defs", "definitions", "patternProperties" };
    tamar_json_type type = tamar_json_type_of(v);
    tamar_json_iter it = tamar_json_iterate(v);
    tamar_json key, item;
    bool constant;
    size_t i;
    if (type == TAMAR_JSON_ARRAY) {
        tamar_json_write_array(&o->w);
        while (tamar_json_next(&it, &key, &item)) tamar__dialect_gemini_schema(o, item, false);
        tamar_json_write_end(&o->w);
        return;
    }
    if (type != TAMAR_JSON_OBJECT) {
        tamar_json_write_raw(&o->w, v.ptr, v.len);
        return;
    }
    constant = !names && tamar_json_get(v, "const").ptr;
    tamar_json_write_object(&o->w);
    while (tamar_json_next(&it, &key, &item)) {
        tamar_str name;
        bool raw = false, map = false;
        if (!names && tamar_json_is(key, "$schema")) continue;
        if (constant && tamar_json_is(key, "enum")) continue;
        if (!names && tamar_json_is(key, "const")) {
            tamar_json_write_key(&o->w, "enum");
            tamar_json_write_array(&o->w);
            tamar_json_write_raw(&o->w, item.ptr, item.len);
            tamar_json_write_end(&o->w);
            continue;
        }
        for (i = 0; i < 4 && !names; i++) {
            raw = raw || tamar_json_is(key, kept[i]);
            map = map || tamar_json_is(key, maps[i]);
        }
        name = tamar__json_text(o->arena, key);
        if (!name.ptr && key.len > 2) {
            o->starved = true;
            break;
        }
        tamar_json_write_key_n(&o->w, name.ptr ? name.ptr : "", name.len);
        if (raw) tamar_json_write_raw(&o->w, item.ptr, item.len);
        else tamar__dialect_gemini_schema(o, item, map);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_schema_member(tamar__dialect_out *o, const char *key, const char *schema)
{
    tamar_json v;
    if (!tamar_json_parse(schema, strlen(schema), &v, NULL)) return;
    tamar_json_write_key(&o->w, key);
    tamar__dialect_gemini_schema(o, v, false);
}

// The turns as they are written: one object a run of messages of the same side.
typedef struct tamar__dialect_gemini_turns {
    const char *role;  // of the turn that is open
    size_t count;
    bool called;  // a call was written in this turn
    bool system_first;  // the system text is still to come, as the first part of the user's
} tamar__dialect_gemini_turns;

static void tamar__dialect_gemini_text(tamar__dialect_out *o, tamar_str text)
{
    tamar_json_write_object(&o->w);
    tamar__dialect_str_member(o, "text", text);
    tamar_json_write_end(&o->w);
}

// The system text, from wherever it stands. write false: is there any?
static bool tamar__dialect_gemini_system_parts(tamar__dialect_out *o, bool write)
{
    const tamar_request *rq = o->rq;
    size_t i, k, count;
    bool any = rq->system != NULL, begun = false;
    tamar_part one;
    if (any && write) tamar__dialect_gemini_text(o, tamar__str_z(rq->system));
    for (i = 0; i < rq->message_count; i++) {
        const tamar_part *parts = tamar__talk_parts(&rq->messages[i], &one, &count);
        if (rq->messages[i].role != TAMAR_ROLE_SYSTEM) {
            begun = true;
            continue;
        }
        for (k = 0; k < count; k++) {
            if (parts[k].type != TAMAR_PART_TEXT) {
                tamar__talk_warn(o->notes, "unsupported", "Google takes only text as system text; a part was left out");
                continue;
            }
            any = true;
            if (!write) continue;
            tamar__dialect_cache_mark(o, &parts[k]);
            if (begun)
                tamar__talk_warn(o->notes, "system",
                                 "a system message inside the conversation was moved in front of it");
            tamar__dialect_gemini_text(o, parts[k].text);
        }
    }
    return any;
}

static void tamar__dialect_gemini_system(tamar__dialect_out *o)
{
    if (tamar__dialect_gemini_flag(o, TAMAR_MODEL_NO_SYSTEM) || !tamar__dialect_gemini_system_parts(o, false)) return;
    if (!tamar__dialect_key(o, "systemInstruction")) return;
    tamar_json_write_object(&o->w);
    tamar_json_write_key(&o->w, "parts");
    tamar_json_write_array(&o->w);
    tamar__dialect_gemini_system_parts(o, true);
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_turn_end(tamar__dialect_out *o, tamar__dialect_gemini_turns *t)
{
    if (!t->role) return;
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
    t->role = NULL;
}

// Before each part: the turn of that side, a new one if the other side spoke last.
static void tamar__dialect_gemini_turn(tamar__dialect_out *o, tamar__dialect_gemini_turns *t, const char *role)
{
    if (t->role && !strcmp(t->role, role)) return;
    tamar__dialect_gemini_turn_end(o, t);
    t->role = role;
    t->count++;
    t->called = false;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "role", role);
    tamar_json_write_key(&o->w, "parts");
    tamar_json_write_array(&o->w);
    if (t->system_first && *role == 'u') {
        t->system_first = false;
        tamar__dialect_gemini_system_parts(o, true);
    }
}

static tamar_str tamar__dialect_gemini_mime(const tamar_part *p, tamar_str inside)
{
    static const char *const table[][2] = {
        { ".png", "image/png" },   { ".jpg", "image/jpeg" },      { ".jpeg", "image/jpeg" },
        { ".webp", "image/webp" }, { ".gif", "image/gif" },       { ".heic", "image/heic" },
        { ".txt", "text/plain" },  { ".pdf", "application/pdf" }, { ".mp3", "audio/mpeg" },
        { ".wav", "audio/wav" },   { ".ogg", "audio/ogg" },       { ".flac", "audio/flac" },
        { ".mp4", "video/mp4" },   { ".mov", "video/quicktime" }, { ".webm", "video/webm" },
        { ".mpeg", "video/mpeg" },
    };
    tamar_str path = tamar__str_make(p->url.ptr, tamar__str_at(p->url, '?'));
    size_t i;
    if (p->mime_type.len) return p->mime_type;
    if (inside.len) return inside;
    if (p->data.len && p->type == TAMAR_PART_IMAGE) return tamar__str_z(tamar__dialect_image_mime(p->data));
    for (i = 0; i < sizeof table / sizeof *table; i++) {
        size_t n = strlen(table[i][0]);
        if (path.len > n && tamar__str_is_nocase(tamar__str_make(path.ptr + path.len - n, n), table[i][0]))
            return tamar__str_z(table[i][1]);
    }
    switch (p->type) {
    case TAMAR_PART_IMAGE: return tamar__str_z("image/jpeg");
    case TAMAR_PART_AUDIO: return tamar__str_z("audio/mpeg");
    case TAMAR_PART_VIDEO: return tamar__str_z("video/mp4");
    default: return tamar__str_z("application/pdf");
    }
}

static void tamar__dialect_gemini_media_out(tamar__dialect_out *o, const tamar_part *p)
{
    tamar__str_buf b;
    tamar_str data = tamar__str_make("", 0), inside = data;
    bool bytes = p->data.len != 0;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (bytes) {
        tamar__str_base64(&b, p->data.ptr, p->data.len, false);
        data = tamar__dialect_aside(o, &b);
    }
    else if (tamar__str_starts(p->url, "data:")) {
        size_t comma = tamar__str_at(p->url, ','), end = tamar__base_min(comma, tamar__str_at(p->url, ';'));
        bytes = comma < p->url.len;
        inside = tamar__str_make(p->url.ptr + 5, end - 5);
        if (bytes) data = tamar__str_make(p->url.ptr + comma + 1, p->url.len - comma - 1);
    }
    tamar_json_write_object(&o->w);
    tamar_json_write_key(&o->w, bytes ? "inlineData" : "fileData");
    tamar_json_write_object(&o->w);
    tamar__dialect_str_member(o, "mimeType", tamar__dialect_gemini_mime(p, inside));
    if (bytes) tamar__dialect_str_member(o, "data", data);
    else tamar__dialect_str_member(o, "fileUri", p->url.len ? p->url : p->id);
    tamar_json_write_end(&o->w);
    if (p->detail.len && !tamar__str_is(p->detail, "auto")) {
        if (!tamar__dialect_gemini_flag(o, TAMAR_MODEL_SIGNED_CALLS))
            tamar__dialect_gemini_unsupported(o, "this model knows no detail of a single picture; it was left out");
        else {
            tamar_json_write_key(&o->w, "mediaResolution");
            tamar_json_write_object(&o->w);
            tamar__dialect_z_member(o, "level",
                                    tamar__str_is(p->detail, "low") ? "MEDIA_RESOLUTION_LOW" : "MEDIA_RESOLUTION_HIGH");
            tamar_json_write_end(&o->w);
        }
    }
    tamar_json_write_end(&o->w);
}

static bool tamar__dialect_gemini_own(const tamar_part *p)
{
    return p->opaque.len && (tamar__str_is(p->origin, "gemini-generate") || tamar__str_is(p->origin, "gemini-images"));
}

// What was kept with a part of ours: its signature, and the id of a call.
static tamar_json tamar__dialect_gemini_kept_of(const tamar_part *p, const char *path)
{
    tamar_json v;
    if (!tamar__dialect_gemini_own(p) || !tamar_json_parse(p->opaque.ptr, p->opaque.len, &v, NULL))
        v.ptr = NULL, v.len = 0;
    else v = tamar_json_at(v, path);
    if (tamar_json_type_of(v) != TAMAR_JSON_STRING) v.ptr = NULL, v.len = 0;
    return v;
}

static void tamar__dialect_gemini_raw_member(tamar__dialect_out *o, const char *key, tamar_json v)
{
    if (!v.ptr) return;
    tamar_json_write_key(&o->w, key);
    tamar_json_write_raw(&o->w, v.ptr, v.len);
}

// An id goes back only to a model that gives them, and only if it gave this one.
static tamar_json tamar__dialect_gemini_id(const tamar__dialect_out *o, const tamar_part *call)
{
    tamar_json id = tamar__dialect_gemini_kept_of(call, "functionCall/id");
    if (!tamar__dialect_gemini_flag(o, TAMAR_MODEL_SIGNED_CALLS)) id.ptr = NULL, id.len = 0;
    return id;
}

static void tamar__dialect_gemini_call_out(tamar__dialect_out *o, tamar__dialect_gemini_turns *t, const tamar_part *p)
{
    tamar_json signature = tamar__dialect_gemini_kept_of(p, "thoughtSignature");
    tamar_json_write_object(&o->w);
    tamar_json_write_key(&o->w, "functionCall");
    tamar_json_write_object(&o->w);
    tamar__dialect_gemini_raw_member(o, "id", tamar__dialect_gemini_id(o, p));
    tamar__dialect_str_member(o, "name", p->name);
    tamar_json_write_key(&o->w, "args");
    if (tamar__talk_json_ok(p->text, TAMAR_JSON_OBJECT)) tamar_json_write_raw(&o->w, p->text.ptr, p->text.len);
    else {
        if (p->text.len)
            tamar__talk_warn(o->notes, "tool_arguments",
                             "a tool call's arguments are not a JSON object; {} was sent instead");
        tamar_json_write_raw(&o->w, "{}", 2);
    }
    tamar_json_write_end(&o->w);
    if (signature.ptr && tamar__dialect_gemini_flag(o, TAMAR_MODEL_REASONS))
        tamar__dialect_gemini_raw_member(o, "thoughtSignature", signature);
    else if (!t->called && tamar__dialect_gemini_flag(o, TAMAR_MODEL_SIGNED_CALLS))
        tamar__dialect_z_member(o, "thoughtSignature", "skip_thought_signature_validator");  // made elsewhere
    tamar_json_write_end(&o->w);
    t->called = true;
}

static void tamar__dialect_gemini_assistant(tamar__dialect_out *o, tamar__dialect_gemini_turns *t,
                                            const tamar_message *m)
{
    tamar_part one;
    size_t i, count;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    bool reasons = tamar__dialect_gemini_flag(o, TAMAR_MODEL_REASONS);
    for (i = 0; i < count; i++) {
        const tamar_part *p = &parts[i];
        tamar_json signature = tamar__dialect_gemini_kept_of(p, "thoughtSignature");
        if (!reasons) signature.ptr = NULL, signature.len = 0;
        tamar__dialect_cache_mark(o, p);
        if (p->opaque.len && !tamar__dialect_gemini_own(p))
            tamar__talk_warn(o->notes, "dropped", "what belongs to another vendor was left out of an assistant's turn");
        switch (p->type) {
        case TAMAR_PART_TEXT: case TAMAR_PART_REFUSAL: case TAMAR_PART_REASONING:
            // thoughts that nobody signed help nobody
            if (!signature.ptr && (!p->text.len || p->type == TAMAR_PART_REASONING)) break;
            tamar__dialect_gemini_turn(o, t, "model");
            tamar_json_write_object(&o->w);
            tamar__dialect_str_member(o, "text", p->text);
            if (p->type == TAMAR_PART_REASONING) {
                tamar_json_write_key(&o->w, "thought");
                tamar_json_write_bool(&o->w, true);
            }
            tamar__dialect_gemini_raw_member(o, "thoughtSignature", signature);
            tamar_json_write_end(&o->w);
            break;
        case TAMAR_PART_TOOL_CALL:
            tamar__dialect_gemini_turn(o, t, "model");
            tamar__dialect_gemini_call_out(o, t, p);
            break;
        case TAMAR_PART_OPAQUE:
            if (!tamar__dialect_gemini_own(p)) break;
            tamar__dialect_gemini_turn(o, t, "model");
            tamar_json_write_raw(&o->w, p->opaque.ptr, p->opaque.len);
            break;
        case TAMAR_PART_IMAGE: case TAMAR_PART_AUDIO: case TAMAR_PART_VIDEO: case TAMAR_PART_FILE:
            tamar__dialect_gemini_turn(o, t, "model");
            tamar__dialect_gemini_media_out(o, p);
            break;
        default: break;
        }
    }
}

static void tamar__dialect_gemini_user(tamar__dialect_out *o, tamar__dialect_gemini_turns *t, const tamar_message *m)
{
    tamar_part one;
    size_t i, count;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    for (i = 0; i < count; i++) {
        const tamar_part *p = &parts[i];
        tamar__dialect_cache_mark(o, p);
        if (p->type == TAMAR_PART_TEXT && p->text.len) {
            tamar__dialect_gemini_turn(o, t, "user");
            tamar__dialect_gemini_text(o, p->text);
        }
        else if (p->type >= TAMAR_PART_IMAGE && p->type <= TAMAR_PART_FILE) {
            tamar__dialect_gemini_turn(o, t, "user");
            tamar__dialect_gemini_media_out(o, p);
        }
        else if (p->type == TAMAR_PART_OPAQUE && tamar__dialect_gemini_own(p)) {
            tamar__dialect_gemini_turn(o, t, "user");
            tamar_json_write_raw(&o->w, p->opaque.ptr, p->opaque.len);
        }
        else if (p->type == TAMAR_PART_OPAQUE)
            tamar__talk_warn(o->notes, "dropped", "a part that belongs to another vendor was left out");
    }
}

// The part of this type with this id in messages[from, to), or NULL.
static const tamar_part *tamar__dialect_gemini_find(const tamar_message *all, size_t from, size_t to,
                                                    tamar_part_type type, tamar_str id)
{
    size_t k;
    for (; from < to; from++)
        for (k = 0; k < all[from].part_count; k++)
            if (all[from].parts[k].type == type && tamar__str_equal(all[from].parts[k].id, id))
                return &all[from].parts[k];
    return NULL;
}

static void tamar__dialect_gemini_result(tamar__dialect_out *o, const tamar_part *call, const tamar_part *result)
{
    tamar_json_write_object(&o->w);
    tamar_json_write_key(&o->w, "functionResponse");
    tamar_json_write_object(&o->w);
    tamar__dialect_gemini_raw_member(o, "id", tamar__dialect_gemini_id(o, call));
    tamar__dialect_str_member(o, "name", call->name);
    tamar_json_write_key(&o->w, "response");
    if (result && !result->is_error && tamar__talk_json_ok(result->text, TAMAR_JSON_OBJECT))
        tamar_json_write_raw(&o->w, result->text.ptr, result->text.len);
    else {  // anything but an object is refused
        tamar_json_write_object(&o->w);
        if (!result) tamar__dialect_z_member(o, "error", "the tool gave no result");
        else tamar__dialect_str_member(o, result->is_error ? "error" : "output", result->text);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

// The results of the calls in messages[first, calls), which stand in messages[calls, last): all of them, in the order
// of the calls, in one turn.
static void tamar__dialect_gemini_results(tamar__dialect_out *o, tamar__dialect_gemini_turns *t, size_t first,
                                          size_t calls, size_t last)
{
    const tamar_message *all = o->rq->messages;
    size_t i, k;
    bool follows = o->rq->prompt != NULL || calls < last;
    for (i = first; i < calls; i++)
        for (k = 0; k < all[i].part_count && all[i].role == TAMAR_ROLE_ASSISTANT; k++) {
            const tamar_part *call = &all[i].parts[k], *result;
            if (call->type != TAMAR_PART_TOOL_CALL) continue;
            result = tamar__dialect_gemini_find(all, calls, last, TAMAR_PART_TOOL_RESULT, call->id);
            if (!result && !follows) continue;
            if (!result)
                tamar__talk_warn(o->notes, "tool_results",
                                 "a tool call has no result in the messages behind it; an error was sent for it");
            tamar__dialect_gemini_turn(o, t, "user");
            tamar__dialect_gemini_result(o, call, result);
        }
    for (i = calls; i < last; i++)
        for (k = 0; k < all[i].part_count; k++)
            if (all[i].parts[k].type == TAMAR_PART_TOOL_RESULT &&
                !tamar__dialect_gemini_find(all, first, calls, TAMAR_PART_TOOL_CALL, all[i].parts[k].id))
                tamar__talk_warn(o->notes, "dropped",
                                 "a tool result was left out: no call with its id stands in the turn before it");
}

static void tamar__dialect_gemini_contents(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    const tamar_message *all = rq->messages;
    tamar__dialect_gemini_turns t;
    tamar_message prompt;
    size_t i = 0, first, last;
    bool model_last;
    tamar_json_write_key(&o->w, "contents");
    if (tamar__dialect_gemini_given(o, "contents")) {
        tamar_json own = tamar_json_get(o->extra, "contents");
        tamar_json_write_raw(&o->w, own.ptr, own.len);
        return;
    }
    memset(&t, 0, sizeof t);
    t.system_first = tamar__dialect_gemini_flag(o, TAMAR_MODEL_NO_SYSTEM) &&
                     tamar__dialect_gemini_system_parts(o, false);
    tamar_json_write_array(&o->w);
    while (i < rq->message_count) {
        first = i;
        for (; i < rq->message_count; i++)
            if (all[i].role != TAMAR_ROLE_ASSISTANT && all[i].role != TAMAR_ROLE_SYSTEM) break;
            else if (all[i].role == TAMAR_ROLE_ASSISTANT) tamar__dialect_gemini_assistant(o, &t, &all[i]);
        for (last = i; last < rq->message_count && all[last].role != TAMAR_ROLE_ASSISTANT; last++) {}
        tamar__dialect_gemini_results(o, &t, first, i, last);
        for (; i < last; i++)
            if (all[i].role != TAMAR_ROLE_SYSTEM) tamar__dialect_gemini_user(o, &t, &all[i]);
    }
    for (i = 0; i < rq->message_count; i++)
        if (all[i].name)
            tamar__dialect_gemini_unsupported(o, "this provider takes no names of speakers; they were left out");
    if (rq->prompt) {
        memset(&prompt, 0, sizeof prompt);
        prompt.text = rq->prompt;
        tamar__dialect_gemini_user(o, &t, &prompt);
    }
    model_last = t.role && *t.role == 'm';
    if (t.system_first) tamar__dialect_gemini_turn(o, &t, "user");
    tamar__dialect_gemini_turn_end(o, &t);
    tamar_json_write_end(&o->w);
    if (!t.count) o->refused = "request: Google needs a message of the user: set request.prompt";
    else if (model_last && rq->kind != TAMAR_KIND_TOKENS && tamar__dialect_gemini_flag(o, TAMAR_MODEL_NO_PREFILL))
        o->refused = "request.messages: this model refuses a last message of the assistant: add one of the user";
}

static bool tamar__dialect_gemini_functions(const tamar__dialect_out *o)
{
    size_t i;
    for (i = 0; i < o->rq->tool_count; i++)
        if (!o->rq->tools[i].raw) return true;
    return false;
}

// A function whose schema names no arguments has no parameters at all: an empty object was refused once.
static bool tamar__dialect_gemini_takes_nothing(const char *schema)
{
    static const char *const keys[] = { "$ref", "anyOf", "oneOf", "allOf", "additionalProperties" };
    tamar_json v;
    size_t i;
    if (!schema || !tamar_json_parse(schema, strlen(schema), &v, NULL)) return true;
    for (i = 0; i < 5; i++)
        if (tamar_json_get(v, keys[i]).ptr && *tamar_json_get(v, keys[i]).ptr != 'f') return false;
    return !tamar_json_count(tamar_json_get(v, "properties"));
}

static void tamar__dialect_gemini_tool_config(tamar__dialect_out *o, bool hosted)
{
    static const char *const modes[] = { NULL, "AUTO", "NONE", "ANY", "ANY" };
    const tamar_request *rq = o->rq;
    const char *mode = modes[rq->tool_choice];
    bool functions = tamar__dialect_gemini_functions(o);
    bool mixed = hosted && functions && tamar__dialect_gemini_flag(o, TAMAR_MODEL_SIGNED_CALLS);
    size_t i;
    for (i = 0; i < rq->tool_count; i++)
        if (!rq->tools[i].raw && rq->tools[i].strict && rq->tool_choice <= TAMAR_TOOL_CHOICE_AUTO) mode = "VALIDATED";
    if ((!mode && !mixed) || !tamar__dialect_key(o, "toolConfig")) return;
    tamar_json_write_object(&o->w);
    if (mode) {
        tamar_json_write_key(&o->w, "functionCallingConfig");
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "mode", mode);
        if (rq->tool_choice == TAMAR_TOOL_CHOICE_NAMED) {
            tamar_json_write_key(&o->w, "allowedFunctionNames");
            tamar_json_write_array(&o->w);
            tamar_json_write_string(&o->w, rq->tool_name, strlen(rq->tool_name));
            tamar_json_write_end(&o->w);
        }
        tamar_json_write_end(&o->w);
    }
    if (mixed) {
        tamar_json_write_key(&o->w, "includeServerSideToolInvocations");
        tamar_json_write_bool(&o->w, true);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_tools(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    size_t i;
    bool hosted = false;
    if (rq->parallel_tool_calls.set && !rq->parallel_tool_calls.value)
        tamar__dialect_gemini_unsupported(o, "this provider has no parallel_tool_calls; it was left out");
    if (!rq->tool_count && !tamar__dialect_gemini_given(o, "tools")) {
        if (rq->tool_choice != TAMAR_TOOL_CHOICE_DEFAULT)
            tamar__talk_warn(o->notes, "dropped", "without tools tool_choice means nothing; it was left out");
        return;
    }
    for (i = 0; i < rq->tool_count; i++) hosted = hosted || rq->tools[i].raw != NULL;
    if (rq->tool_count && tamar__dialect_key(o, "tools")) {
        tamar_json_write_array(&o->w);
        if (tamar__dialect_gemini_functions(o)) {
            tamar_json_write_object(&o->w);
            tamar_json_write_key(&o->w, "functionDeclarations");
            tamar_json_write_array(&o->w);
            for (i = 0; i < rq->tool_count; i++) {
                const tamar_tool *tool = &rq->tools[i];
                if (tool->raw) continue;
                tamar_json_write_object(&o->w);
                tamar__dialect_z_member(o, "name", tool->name);
                tamar__dialect_z_member(o, "description", tool->description);
                if (!tamar__dialect_gemini_takes_nothing(tool->parameters))
                    tamar__dialect_gemini_schema_member(o, "parametersJsonSchema", tool->parameters);
                tamar_json_write_end(&o->w);
            }
            tamar_json_write_end(&o->w);
            tamar_json_write_end(&o->w);
        }
        for (i = 0; i < rq->tool_count; i++)
            if (rq->tools[i].raw) tamar__dialect_raw(o, rq->tools[i].raw);
        tamar_json_write_end(&o->w);
    }
    tamar__dialect_gemini_tool_config(o, hosted);
}

static void tamar__dialect_gemini_thinking(tamar__dialect_out *o)
{
    static const int budgets[] = { 0, 0, 512, 2048, 8192, 16384, 24576, 24576 };
    static const char *const levels[] = { NULL, NULL, "MINIMAL", "LOW", "MEDIUM", "HIGH", "XHIGH", "XHIGH" };
    tamar_effort effort = o->rq->effort;
    if (effort == TAMAR_EFFORT_DEFAULT) return;
    effort = tamar__model_effort(o->to->profile, effort);
    if (effort != o->rq->effort)
        tamar__talk_warn(o->notes, "effort",
                         effort == TAMAR_EFFORT_DEFAULT
                             ? "this model has no reasoning effort; it was left out"
                             : "this model does not have this reasoning effort; the nearest one was sent");
    if (effort == TAMAR_EFFORT_DEFAULT || !tamar__dialect_key(o, "thinkingConfig")) return;
    tamar_json_write_object(&o->w);
    if (effort != TAMAR_EFFORT_OFF) {
        tamar_json_write_key(&o->w, "includeThoughts");
        tamar_json_write_bool(&o->w, true);
    }
    if (effort == TAMAR_EFFORT_OFF || tamar__dialect_gemini_flag(o, TAMAR_MODEL_BUDGET)) {
        tamar_json_write_key(&o->w, "thinkingBudget");
        tamar_json_write_int(&o->w, budgets[effort]);
    }
    else tamar__dialect_z_member(o, "thinkingLevel", levels[effort]);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_sampling(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    const char *refused = tamar__dialect_gemini_flag(o, TAMAR_MODEL_NO_SAMPLING)
                              ? "this model takes no sampling parameters; they were left out"
                              : NULL;
    const char *penalties = tamar__dialect_gemini_flag(o, TAMAR_MODEL_NO_PENALTIES)
                                ? "this model takes no penalties; they were left out"
                                : NULL;
    size_t i;
    tamar__dialect_number(o, "temperature", rq->temperature, refused);
    tamar__dialect_number(o, "topP", rq->top_p, refused);
    if (rq->top_k.set) {
        if (refused) tamar__dialect_gemini_unsupported(o, refused);
        else if (tamar__dialect_key(o, "topK")) tamar_json_write_int(&o->w, rq->top_k.value);
    }
    tamar__dialect_number(o, "presencePenalty", rq->presence_penalty, penalties);
    tamar__dialect_number(o, "frequencyPenalty", rq->frequency_penalty, penalties);
    if (rq->seed.set) {
        if (rq->seed.value < INT32_MIN || rq->seed.value > INT32_MAX)
            tamar__dialect_gemini_unsupported(o, "this provider takes a seed of 32 bits; it was left out");
        else if (tamar__dialect_key(o, "seed")) tamar_json_write_int(&o->w, rq->seed.value);
    }
    if (rq->stop_count && tamar__dialect_key(o, "stopSequences")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->stop_count && i < 5; i++) tamar_json_write_string(&o->w, rq->stop[i], strlen(rq->stop[i]));
        tamar_json_write_end(&o->w);
        if (rq->stop_count > 5)
            tamar__dialect_gemini_unsupported(o, "this provider takes five stop sequences; the rest was left out");
    }
    if (rq->logprobs.set || rq->top_logprobs.set) {
        bool on = !rq->logprobs.set || rq->logprobs.value;
        if (tamar__dialect_key(o, "responseLogprobs")) tamar_json_write_bool(&o->w, on);
        if (rq->top_logprobs.set && on && tamar__dialect_key(o, "logprobs"))
            tamar_json_write_int(&o->w, rq->top_logprobs.value);
    }
}

static void tamar__dialect_gemini_format(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    if (rq->format == TAMAR_FORMAT_TEXT) return;
    if (o->to->profile->family && !tamar__dialect_gemini_flag(o, TAMAR_MODEL_SIGNED_CALLS) &&
        tamar__dialect_gemini_functions(o)) {
        tamar__dialect_gemini_unsupported(o, "this model takes no JSON format beside tools; the format was left out");
        return;
    }
    if (tamar__dialect_key(o, "responseMimeType")) tamar_json_write_string(&o->w, "application/json", 16);
    if (rq->format == TAMAR_FORMAT_SCHEMA && !tamar__dialect_gemini_given(o, "responseJsonSchema") &&
        !tamar__dialect_gemini_given(o, "responseSchema"))
        tamar__dialect_gemini_schema_member(o, "responseJsonSchema", rq->schema);
}

// "1024x768" is a shape and a size; "16:9" and "2K" go as they are.
static void tamar__dialect_gemini_shape(const char *wanted, const char **shape, const char **size)
{
    static const struct {
        const char *name;
        unsigned width, height;
    } shapes[] = { { "1:1", 1, 1 }, { "2:3", 2, 3 }, { "3:2", 3, 2 }, { "3:4", 3, 4 }, { "4:3", 4, 3 },
                   { "4:5", 4, 5 }, { "5:4", 5, 4 }, { "9:16", 9, 16 }, { "16:9", 16, 9 }, { "21:9", 21, 9 } };
    tamar_str text = tamar__str_z(wanted), w, h;
    size_t cross = tamar__str_at(text, 'x'), i;
    uint64_t width, height, best = UINT64_MAX;
    *shape = *size = NULL;
    w = tamar__str_make(text.ptr, cross);
    i = tamar__base_min(cross + 1, text.len);
    h = tamar__str_make(text.ptr + i, text.len - i);
    if (cross == text.len || !tamar__str_uint(w, &width) || !tamar__str_uint(h, &height) || !width || !height ||
        width > 65536 || height > 65536) {
        if (tamar__str_at(text, ':') < text.len) *shape = wanted;
        else *size = wanted;
        return;
    }
    for (i = 0; i < sizeof shapes / sizeof *shapes; i++) {  // the nearest one
        uint64_t a = width * shapes[i].height * 1000 / (height * shapes[i].width);
        uint64_t off = a > 1000 ? a - 1000 : (1000 - a) * 1000 / (a + 1);
        if (off < best) best = off, *shape = shapes[i].name;
    }
    if (height > width) width = height;
    *size = width <= 512 ? "512" : width <= 1536 ? "1K" : width <= 2816 ? "2K" : "4K";
}

static void tamar__dialect_gemini_image_config(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    const char *shape = NULL, *size = NULL;
    if (tamar__dialect_key(o, "responseModalities")) tamar_json_write_raw(&o->w, "[\"TEXT\",\"IMAGE\"]", 16);
    if (rq->image_count > 1)
        tamar__dialect_gemini_unsupported(o, "this model makes one picture a call; ask several times for several");
    if (rq->image_quality) tamar__dialect_gemini_unsupported(o, "this model knows no image_quality; it was left out");
    if (rq->image_size) tamar__dialect_gemini_shape(rq->image_size, &shape, &size);
    if (size && !tamar__dialect_gemini_flag(o, TAMAR_MODEL_SIGNED_CALLS)) {
        if (strcmp(size, "1K"))
            tamar__dialect_gemini_unsupported(o, "this model makes pictures of one size; it was left out");
        size = NULL;
    }
    if (rq->image_format && !tamar__dialect_gemini_vertex(o))
        tamar__dialect_gemini_unsupported(o, "this provider chooses the format of a picture itself; it was left out");
    if (!shape && !size && !(rq->image_format && tamar__dialect_gemini_vertex(o))) return;
    if (!tamar__dialect_key(o, "imageConfig")) return;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "aspectRatio", shape);
    tamar__dialect_z_member(o, "imageSize", size);
    if (rq->image_format && tamar__dialect_gemini_vertex(o)) {
        tamar__str_buf b;
        tamar__str_init(&b, o->arena, SIZE_MAX / 2);
        tamar__str_puts(&b, "image/");
        tamar__str_puts(&b, rq->image_format);
        tamar_json_write_key(&o->w, "imageOutputOptions");
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "mimeType", tamar__dialect_aside(o, &b));
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// Inside generationConfig the same rule holds as outside: a member that extra brings there replaces ours.
static void tamar__dialect_gemini_config(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json extra = o->extra, inner = extra;
    tamar_json_writer before;
    if (extra.ptr) inner = tamar_json_get(extra, "generationConfig");
    if (tamar_json_type_of(inner) != TAMAR_JSON_OBJECT) inner.ptr = NULL, inner.len = 0;
    before = tamar__dialect_gemini_aside(o);
    o->extra = inner;
    if (rq->max_tokens > 0 && tamar__dialect_key(o, "maxOutputTokens")) tamar_json_write_int(&o->w, rq->max_tokens);
    tamar__dialect_gemini_sampling(o);
    tamar__dialect_gemini_thinking(o);
    if (rq->kind == TAMAR_KIND_IMAGES) tamar__dialect_gemini_image_config(o);
    tamar__dialect_gemini_format(o);
    if (inner.ptr) tamar__dialect_extra(o);
    o->extra = extra;
    tamar__dialect_gemini_aside_end(o, "generationConfig", &before);
}

static void tamar__dialect_gemini_header(tamar__dialect_out *o, const char *name, const char *value)
{
    tamar_header *h;
    char *copy = tamar__arena_copy(o->arena, value, strlen(value));
    size_t i;
    if (!copy) {
        o->starved = true;
        return;
    }
    for (i = 0; value[i]; i++)
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7F) {
            o->refused = "request.service_tier holds a control byte";
            return;
        }
    h = &o->headers[o->header_count++];
    h->name = tamar__str_z(name);
    h->value = tamar__str_z(copy);
    h->secret = false;
}

// What of a request belongs to one of the two products only, or to neither.
static void tamar__dialect_gemini_account(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    bool vertex = tamar__dialect_gemini_vertex(o);
    if (rq->service_tier) {
        if (vertex) tamar__dialect_gemini_header(o, "X-Vertex-AI-LLM-Shared-Request-Type", rq->service_tier);
        else if (tamar__dialect_key(o, "serviceTier"))
            tamar_json_write_string(&o->w, rq->service_tier, strlen(rq->service_tier));
    }
    if (rq->metadata) {
        if (!vertex) tamar__dialect_gemini_unsupported(o, "this provider takes no metadata; it was left out");
        else if (tamar__dialect_key(o, "labels")) tamar__dialect_raw(o, rq->metadata);
    }
    if (rq->store.set) {
        if (vertex) tamar__dialect_gemini_unsupported(o, "this provider has no choice of store; it was left out");
        else if (tamar__dialect_key(o, "store")) tamar_json_write_bool(&o->w, rq->store.value != 0);
    }
    if (rq->user) tamar__dialect_gemini_unsupported(o, "this provider takes no end user id; it was left out");
    if (rq->cache_key)
        tamar__dialect_gemini_unsupported(o, "this provider caches by itself or by extra's cachedContent; cache_key "
                                             "was left out");
    if (rq->verbosity) tamar__dialect_gemini_unsupported(o, "this provider knows no verbosity; it was left out");
    if (rq->choices > 1)
        tamar__dialect_gemini_unsupported(o, "only the first answer is read; ask several times for several");
}

// Everything fixed first, the turns last.
static void tamar__dialect_gemini_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar__dialect_gemini_path(o, rq->stream ? "streamGenerateContent?alt=sse" : "generateContent");
    tamar_json_write_object(&o->w);
    if (tamar__dialect_gemini_given(o, "cachedContent")) {
        if (tamar__dialect_gemini_system_parts(o, false) || rq->tool_count)
            tamar__talk_warn(o->notes, "dropped",
                             "system text and tools are part of cachedContent; they were left out");
    }
    else {
        tamar__dialect_gemini_system(o);
        tamar__dialect_gemini_tools(o);
    }
    tamar__dialect_gemini_config(o);
    tamar__dialect_gemini_account(o);
    tamar__dialect_gemini_extra(o, "contents", "generationConfig");
    tamar__dialect_gemini_contents(o);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_tokens_encode(tamar__dialect_out *o)
{
    bool vertex = tamar__dialect_gemini_vertex(o);
    bool wrapped = !vertex && (o->rq->tool_count || tamar__dialect_gemini_system_parts(o, false));
    tamar__dialect_gemini_path(o, "countTokens");
    tamar_json_write_object(&o->w);
    if (wrapped) {  // AI Studio counts all of a request only inside of this
        tamar_json_write_key(&o->w, "generateContentRequest");
        tamar_json_write_object(&o->w);
        tamar__dialect_gemini_model_member(o);
    }
    tamar__dialect_gemini_system(o);
    tamar__dialect_gemini_tools(o);
    tamar__dialect_gemini_extra(o, "contents", NULL);
    tamar__dialect_gemini_contents(o);
    if (wrapped) tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static const char *tamar__dialect_gemini_task(tamar__dialect_out *o)
{
    const char *task = o->rq->input_type;
    if (!task || tamar__dialect_gemini_given(o, "taskType")) return NULL;
    if (tamar__dialect_gemini_flag(o, TAMAR_MODEL_EMBEDS_ONE)) {
        tamar__dialect_gemini_unsupported(o, "this model takes no input_type, but words in front of the text; it "
                                             "was left out");
        return NULL;
    }
    return !strcmp(task, "query") ? "RETRIEVAL_QUERY" : !strcmp(task, "document") ? "RETRIEVAL_DOCUMENT" : task;
}

static void tamar__dialect_gemini_content(tamar__dialect_out *o, const char *text)
{
    tamar_json_write_key(&o->w, "content");
    if (tamar__dialect_gemini_given(o, "content")) {
        tamar_json own = tamar_json_get(o->extra, "content");
        tamar_json_write_raw(&o->w, own.ptr, own.len);
        return;
    }
    tamar_json_write_object(&o->w);
    tamar_json_write_key(&o->w, "parts");
    tamar_json_write_array(&o->w);
    tamar__dialect_gemini_text(o, tamar__str_z(text));
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_dimensions(tamar__dialect_out *o)
{
    if (o->rq->dimensions <= 0 || tamar__dialect_gemini_given(o, "outputDimensionality")) return;
    tamar_json_write_key(&o->w, "outputDimensionality");
    tamar_json_write_int(&o->w, o->rq->dimensions);
}

// Vertex: the predict call, or for the newest models one text a call.
static void tamar__dialect_gemini_embed_vertex(tamar__dialect_out *o, const char *const *inputs, size_t count)
{
    const char *task = tamar__dialect_gemini_task(o);
    size_t i;
    tamar_json_writer before;
    bool one = tamar__dialect_gemini_flag(o, TAMAR_MODEL_EMBEDS_ONE);
    tamar__dialect_gemini_path(o, one ? "embedContent" : "predict");
    if (count > (one ? 1u : 250u))
        o->refused = one ? "request.inputs: this model takes one text a call with Vertex"
                         : "request.inputs: Vertex takes at most 250 texts a call";
    if (!tamar__dialect_gemini_given(o, one ? "embedContentConfig" : "parameters")) {
        before = tamar__dialect_gemini_aside(o);
        tamar__dialect_gemini_dimensions(o);
        tamar__dialect_gemini_aside_end(o, one ? "embedContentConfig" : "parameters", &before);
    }
    tamar__dialect_gemini_extra(o, one ? "content" : "instances", NULL);
    if (one) {
        tamar__dialect_gemini_content(o, inputs[0]);
        return;
    }
    tamar_json_write_key(&o->w, "instances");
    tamar_json_write_array(&o->w);
    for (i = 0; i < count; i++) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "task_type", task);
        tamar__dialect_z_member(o, "content", inputs[i]);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_embed(tamar__dialect_out *o, const char *text, const char *task)
{
    tamar__dialect_gemini_model_member(o);
    tamar__dialect_z_member(o, "taskType", task);
    tamar__dialect_gemini_dimensions(o);
    tamar__dialect_gemini_extra(o, "content", NULL);  // in each of several requests
    tamar__dialect_gemini_content(o, text);
}

static void tamar__dialect_gemini_embed_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    const char *const *inputs = rq->input_count ? rq->inputs : &rq->prompt;
    const char *task;
    size_t i, count = rq->input_count ? rq->input_count : 1;
    tamar_json_write_object(&o->w);
    if (tamar__dialect_gemini_vertex(o)) tamar__dialect_gemini_embed_vertex(o, inputs, count);
    else {
        task = tamar__dialect_gemini_task(o);
        tamar__dialect_gemini_path(o, count > 1 ? "batchEmbedContents" : "embedContent");
        if (count > 100) o->refused = "request.inputs: Google takes at most 100 texts a call";
        if (count == 1) tamar__dialect_gemini_embed(o, inputs[0], task);
        else {
            tamar_json_write_key(&o->w, "requests");
            tamar_json_write_array(&o->w);
            for (i = 0; i < count; i++) {
                tamar_json_write_object(&o->w);
                tamar__dialect_gemini_embed(o, inputs[i], task);
                tamar_json_write_end(&o->w);
            }
            tamar_json_write_end(&o->w);
        }
    }
    tamar_json_write_end(&o->w);
}

// Imagen, which Google has switched off: gateways and imitations still serve it.
static void tamar__dialect_gemini_predict(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json extra = o->extra, inner = extra;
    tamar_json_writer before;
    const char *shape = NULL, *size = NULL;
    tamar__dialect_gemini_path(o, "predict");
    if (rq->image_size) tamar__dialect_gemini_shape(rq->image_size, &shape, &size);
    if (rq->image_quality) tamar__dialect_gemini_unsupported(o, "this model knows no image_quality; it was left out");
    if (rq->message_count || rq->system)
        tamar__dialect_gemini_unsupported(o, "this model sees nothing but the prompt; messages were left out");
    if (!rq->prompt) o->refused = "request.prompt is missing: this model takes nothing else";
    if (extra.ptr) inner = tamar_json_get(extra, "parameters");
    if (tamar_json_type_of(inner) != TAMAR_JSON_OBJECT) inner.ptr = NULL, inner.len = 0;
    tamar_json_write_object(&o->w);
    before = tamar__dialect_gemini_aside(o);
    o->extra = inner;
    if (tamar__dialect_key(o, "sampleCount")) tamar_json_write_int(&o->w, rq->image_count > 0 ? rq->image_count : 1);
    if (shape && tamar__dialect_key(o, "aspectRatio")) tamar_json_write_string(&o->w, shape, strlen(shape));
    if (size && tamar__dialect_key(o, "sampleImageSize")) tamar_json_write_string(&o->w, size, strlen(size));
    if (rq->seed.set) {
        if (!tamar__dialect_gemini_vertex(o))
            tamar__dialect_gemini_unsupported(o, "this provider takes no seed for pictures; it was left out");
        else {  // a watermark would make it void
            if (tamar__dialect_key(o, "seed")) tamar_json_write_int(&o->w, rq->seed.value);
            if (tamar__dialect_key(o, "addWatermark")) tamar_json_write_bool(&o->w, false);
        }
    }
    if (rq->image_format && tamar__dialect_key(o, "outputOptions")) {
        tamar__str_buf b;
        tamar__str_init(&b, o->arena, SIZE_MAX / 2);
        tamar__str_puts(&b, "image/");
        tamar__str_puts(&b, rq->image_format);
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "mimeType", tamar__dialect_aside(o, &b));
        tamar_json_write_end(&o->w);
    }
    if (tamar__dialect_key(o, "includeRaiReason")) tamar_json_write_bool(&o->w, true);
    if (inner.ptr) tamar__dialect_extra(o);
    o->extra = extra;
    tamar__dialect_gemini_aside_end(o, "parameters", &before);
    tamar__dialect_gemini_extra(o, "instances", "parameters");
    tamar_json_write_key(&o->w, "instances");
    tamar_json_write_array(&o->w);
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "prompt", rq->prompt);
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_gemini_images_encode(tamar__dialect_out *o)
{
    if (tamar__dialect_gemini_flag(o, TAMAR_MODEL_PREDICT)) tamar__dialect_gemini_predict(o);
    else tamar__dialect_gemini_encode(o);
}

// A GET: only where to.
static void tamar__dialect_gemini_models_encode(tamar__dialect_out *o)
{
    const char *base = o->to->provider->base_url;
    if (!tamar__dialect_gemini_vertex(o)) return;
    o->path = "/publishers/google/models?pageSize=300";
    if (!o->rq->base_url && base && strstr(base, "/projects/"))
        o->refused = "request.kind: Vertex lists its models outside of projects: ask the provider vertex-express, or "
                     "set request.base_url to https://aiplatform.googleapis.com/v1beta1";
}

// -- gemini: answers -------------------------------------------------------------------------------
// Everything that Google's model calls answer has one reader: chats, pictures, vectors, models and counts differ by
// their members. Names are taken in camel case and in snake case (some gateways send their own JSON of the same
// messages).

static bool tamar__dialect_gemini_named(tamar_json key, const char *name)
{
    const char *p = key.ptr + 1, *end = key.ptr + key.len - 1;
    for (; *name; name++) {
        while (p < end && *p == '_') p++;
        if (p == end || tamar__str_lower(*p++) != tamar__str_lower(*name)) return false;
    }
    return p == end;
}

// The members of an object by these names, in one pass; null is as if it were not there.
static void tamar__dialect_gemini_pick(tamar_json object, const char *const *names, size_t count, tamar_json *slots)
{
    tamar_json_iter it = tamar_json_iterate(object);
    tamar_json key, value;
    size_t i;
    for (i = 0; i < count; i++) slots[i].ptr = NULL, slots[i].len = 0;
    if (tamar_json_type_of(object) != TAMAR_JSON_OBJECT) return;
    while (tamar_json_next(&it, &key, &value))
        for (i = 0; i < count; i++)
            if (tamar__dialect_gemini_named(key, names[i])) {
                if (*value.ptr != 'n') slots[i] = value;
                break;
            }
}

// Says in the vendor's words what was the matter; not for ever, whatever comes.
static void tamar__dialect_gemini_say(tamar__dialect_decoder *d, const char *code, tamar_json words)
{
    const char *why = d->notes.count < 16 ? tamar__dialect_word(d, words) : "";
    if (*why) tamar__talk_warn(&d->notes, code, why);
}

static bool tamar__dialect_gemini_true(tamar_json v) { return v.ptr && *v.ptr == 't'; }

// A step of a path into a call's arguments: a key, or (ptr NULL) a place in an array.
typedef struct tamar__dialect_gemini_step {
    tamar_str key;
    uint64_t index;
} tamar__dialect_gemini_step;

#define TAMAR__DIALECT_GEMINI_STEPS 32

// A call whose arguments come in pieces: where its JSON text stands.
typedef struct tamar__dialect_gemini_open {
    tamar__dialect_call *call;
    tamar__dialect_gemini_step at[TAMAR__DIALECT_GEMINI_STEPS];
    size_t depth;  // containers that are open
    bool in_string;
} tamar__dialect_gemini_open;

static void tamar__dialect_gemini_unquote(tamar__dialect_decoder *d, tamar__dialect_gemini_open *open)
{
    if (!open->in_string) return;
    if (!tamar__json_flush(&open->call->arguments, &open->call->carry) ||
        !tamar__str_putc(&open->call->arguments, '"'))
        d->damaged = true;
    open->in_string = false;
}

// Closes the innermost containers until so many are open.
static void tamar__dialect_gemini_leave(tamar__dialect_decoder *d, tamar__dialect_gemini_open *open, size_t depth)
{
    tamar__dialect_gemini_unquote(d, open);
    for (; open->depth > depth; open->depth--)
        if (!tamar__str_putc(&open->call->arguments, open->at[open->depth - 1].key.ptr ? '}' : ']')) d->damaged = true;
}

// The call whose arguments came in pieces is whole.
static void tamar__dialect_gemini_close(tamar__dialect_decoder *d, tamar__dialect_gemini_open *open)
{
    if (open->call) tamar__dialect_gemini_leave(d, open, 0);
    open->call = NULL;
}

// "$.a.b[0]['c d']" taken apart. 0: it is no such path, or too deep.
static size_t tamar__dialect_gemini_path_of(tamar_str path, tamar__dialect_gemini_step *steps)
{
    const char *p = path.ptr, *end = p + path.len, *from;
    size_t n = 0;
    if (!path.len || *p++ != '$') return 0;
    for (; p < end; n++) {
        if (n == TAMAR__DIALECT_GEMINI_STEPS) return 0;
        steps[n].index = 0;
        if (*p == '.') {
            for (from = ++p; p < end && *p != '.' && *p != '['; p++) {}
            steps[n].key = tamar__str_make(from, (size_t)(p - from));
        }
        else if (*p == '[' && end - p > 2 && (p[1] == '\'' || p[1] == '"')) {
            char quote = p[1];
            for (from = p += 2; p < end && !(*p == quote && end - p > 1 && p[1] == ']'); p++) {}
            if (p == end) return 0;
            steps[n].key = tamar__str_make(from, (size_t)(p - from));
            p += 2;
        }
        else if (*p == '[') {
            for (from = ++p; p < end && *p != ']'; p++) {}
            if (p == end || !tamar__str_uint(tamar__str_make(from, (size_t)(p - from)), &steps[n].index)) return 0;
            steps[n].key.ptr = NULL;
            steps[n].key.len = 0;
            p++;
        }
        else return 0;
    }
    return n;
}

static bool tamar__dialect_gemini_same(const tamar__dialect_gemini_step *a, const tamar__dialect_gemini_step *b)
{
    if (!a->key.ptr || !b->key.ptr) return !a->key.ptr && !b->key.ptr && a->index == b->index;
    return tamar__str_equal(a->key, b->key);
}

// Goes to the place of a new value: what is open beside it is closed, what leads to it is opened.
static bool tamar__dialect_gemini_enter(tamar__dialect_decoder *d, tamar__dialect_gemini_open *open,
                                        const tamar__dialect_gemini_step *steps, size_t count)
{
    tamar__str_buf *out = &open->call->arguments;
    size_t k = 0, i;
    bool good = true;
    while (k + 1 < open->depth && k + 1 < count && tamar__dialect_gemini_same(&open->at[k], &steps[k])) k++;
    if (open->depth && !open->at[k].key.ptr != !steps[k].key.ptr) return false;  // an object where an array is
    if (!open->depth && !steps[0].key.ptr) return false;  // arguments are an object
    if (open->depth) {
        tamar__dialect_gemini_leave(d, open, k + 1);
        good = tamar__str_putc(out, ',');
    }
    for (i = k; i < count && good; i++) {
        open->at[i] = steps[i];
        if (i == open->depth) {
            good = tamar__str_putc(out, steps[i].key.ptr ? '{' : '[');
            open->depth++;
        }
        if (steps[i].key.ptr && good) {
            tamar_json_writer w;
            tamar_allocator in = tamar__arena_allocator(d->arena);
            tamar_str key;
            tamar_json_write_growing(&w, &in, SIZE_MAX / 2);
            tamar_json_write_string(&w, steps[i].key.ptr, steps[i].key.len);
            good = tamar_json_writer_end(&w, &key) && tamar__str_put(out, key.ptr, key.len) &&
                   tamar__str_putc(out, ':');
        }
    }
    if (!good) d->damaged = true;
    return true;
}

// One of partialArgs: a value, or a piece of a string, at its path. Paths come in the order of the document.
static void tamar__dialect_gemini_partial(tamar__dialect_decoder *d, tamar__dialect_gemini_open *open, tamar_json item)
{
    static const char *const names[] = { "jsonPath",  "stringValue", "numberValue", "boolValue",
                                         "nullValue", "willContinue" };
    tamar__dialect_gemini_step steps[TAMAR__DIALECT_GEMINI_STEPS];
    tamar__str_buf *out = &open->call->arguments;
    tamar_json_iter it = tamar_json_iterate(item);
    tamar_json v[6], key, member, value;
    size_t count, i;
    bool good = true, null = false;
    if (d->damaged || tamar_json_type_of(item) != TAMAR_JSON_OBJECT) return;
    tamar__dialect_gemini_pick(item, names, 6, v);
    while (tamar_json_next(&it, &key, &member)) null = null || tamar__dialect_gemini_named(key, names[4]);
    value = v[1].ptr ? v[1] : v[2].ptr ? v[2] : v[3];
    count = tamar__dialect_gemini_path_of(tamar__dialect_text(d, v[0]), steps);
    if (!value.ptr && !null) return;
    for (i = 0; i < count && count == open->depth && tamar__dialect_gemini_same(&open->at[i], &steps[i]); i++) {}
    if (!count || !(open->in_string && v[1].ptr && i == count)) {  // not the string that is open
        if (!count || !tamar__dialect_gemini_enter(d, open, steps, count)) {
            tamar__talk_warn(&d->notes, "tool_arguments",
                             "a piece of a tool call's arguments has no place in them; it was left out");
            return;
        }
        if (d->damaged) return;
        if (v[1].ptr && *v[1].ptr == '"') {
            good = tamar__str_putc(out, '"');
            open->in_string = true;
        }
    }
    if (open->in_string && v[1].ptr && *v[1].ptr == '"') {
        if (good && v[1].len > 2) good = tamar__json_append_bytes(out, v[1].ptr + 1, v[1].len - 2, &open->call->carry);
        if (!tamar__dialect_gemini_true(v[5])) tamar__dialect_gemini_unquote(d, open);
    }
    else if (value.ptr) good = tamar__json_append_bytes(out, value.ptr, value.len, &open->call->carry);
    else good = tamar__str_puts(out, "null");
    if (!good) d->damaged = true;
}

// What of a part must come back with it: its signature and, of a call, the id that the server gave it.
static tamar_str tamar__dialect_gemini_kept(tamar__dialect_decoder *d, tamar_json signature, tamar_json id)
{
    tamar__str_buf b;
    tamar__str_init(&b, d->arena, SIZE_MAX / 2);
    if (tamar__dialect_blank(signature) ||
        tamar__str_utf8_span(signature.ptr, signature.ptr + signature.len) != signature.len)
        signature.len = 0;
    if (tamar__dialect_blank(id) || tamar__str_utf8_span(id.ptr, id.ptr + id.len) != id.len) id.len = 0;
    if (!signature.len && !id.len) return tamar__str_make("", 0);
    tamar__str_putc(&b, '{');
    if (id.len) {
        tamar__str_puts(&b, "\"functionCall\":{\"id\":");
        tamar__str_put(&b, id.ptr, id.len);
        tamar__str_puts(&b, signature.len ? "}," : "}");
    }
    if (signature.len) {
        tamar__str_puts(&b, "\"thoughtSignature\":");
        tamar__str_put(&b, signature.ptr, signature.len);
    }
    tamar__str_putc(&b, '}');
    if (b.full) d->damaged = true;
    return b.full ? tamar__str_make("", 0) : tamar__str_view(&b);
}

static void tamar__dialect_gemini_call(tamar__dialect_decoder *d, tamar_json call, tamar_json signature)
{
    static const char *const names[] = { "id", "name", "args", "partialArgs", "willContinue" };
    tamar__dialect_gemini_open *open =
        (tamar__dialect_gemini_open *)tamar__dialect_own(d, sizeof(tamar__dialect_gemini_open));
    tamar__dialect_call *c;
    tamar_json v[5], key, item;
    tamar_json_iter it;
    if (!open || tamar_json_type_of(call) != TAMAR_JSON_OBJECT) return;
    tamar__dialect_gemini_pick(call, names, 5, v);
    if (tamar__dialect_blank(v[1]) && (open->call || !v[2].ptr)) {
        c = open->call;  // goes on, or ends here; one of a call that was never begun is nothing
        if (!c) return;
    }
    else {
        tamar__dialect_gemini_close(d, open);
        c = tamar__dialect_call_add(d, -1);
        if (!c) return;
        open->call = c;
        open->depth = 0;
        tamar__dialect_first_text(d, &c->id, v[0]);
        tamar__dialect_first_text(d, &c->name, v[1]);
        c->extra = tamar__dialect_gemini_kept(d, signature, v[0]);
    }
    if (tamar_json_type_of(v[2]) == TAMAR_JSON_OBJECT && !c->arguments.len &&
        !tamar__json_append_bytes(&c->arguments, v[2].ptr, v[2].len, &c->carry))
        d->damaged = true;
    it = tamar_json_iterate(v[3]);
    if (tamar_json_type_of(v[3]) == TAMAR_JSON_ARRAY && !(c->arguments.len && !open->depth))
        while (!d->damaged && tamar_json_next(&it, &key, &item)) tamar__dialect_gemini_partial(d, open, item);
    if (!tamar__dialect_gemini_true(v[4])) tamar__dialect_gemini_close(d, open);
}

// Bytes in an answer: a picture of the response, unless it is a draft from the thoughts; and kept for the next turn.
static void tamar__dialect_gemini_media(tamar__dialect_decoder *d, tamar_json part, tamar_json data, tamar_json file,
                                        bool thought)
{
    static const char *const names[] = { "mimeType", "data", "fileUri" };
    tamar_json v[3];
    char word[16];
    tamar_str mime;
    if (thought) return;
    tamar__dialect_gemini_pick(data.ptr ? data : file, names, 3, v);
    mime = tamar__dialect_short(v[0], word, sizeof word);
    if (tamar__str_starts(mime, "image/")) {
        if (data.ptr) tamar__dialect_image_data(d, v[1], v[0]);
        else tamar__dialect_image(d, v[2]);
    }
    if (tamar__str_utf8_span(part.ptr, part.ptr + part.len) == part.len) tamar__dialect_opaque(d, part);
}

static void tamar__dialect_gemini_part(tamar__dialect_decoder *d, tamar_json part)
{
    static const char *const names[] = { "text", "thought", "thoughtSignature", "functionCall", "inlineData",
                                         "fileData" };
    tamar_json v[6];
    bool thought, is_signed;
    tamar_part_type type;
    tamar__dialect_piece *p;
    if (tamar_json_type_of(part) != TAMAR_JSON_OBJECT) return;
    tamar__dialect_gemini_pick(part, names, 6, v);
    thought = tamar__dialect_gemini_true(v[1]);
    is_signed = !tamar__dialect_blank(v[2]);
    type = thought ? TAMAR_PART_REASONING : TAMAR_PART_TEXT;
    if (v[3].ptr) {
        d->effects += 2;
        tamar__dialect_gemini_call(d, v[3], v[2]);
    }
    else if (v[4].ptr || v[5].ptr) {
        d->effects += 2;
        tamar__dialect_gemini_media(d, part, v[4], v[5], thought);
    }
    else if (!v[0].ptr && tamar_json_count(part) > (size_t)(v[1].ptr != NULL) + (size_t)(v[2].ptr != NULL)) {
        // code, its result, a tool of the server's: only Google knows what to do with them
        if (tamar__str_utf8_span(part.ptr, part.ptr + part.len) == part.len) tamar__dialect_opaque(d, part);
    }
    else if (!is_signed) {
        if (tamar_json_type_of(v[0]) == TAMAR_JSON_STRING) tamar__dialect_append(d, type, v[0]);
    }
    else {  // a part that is signed is a piece of its own, even without text
        d->effects += 2;
        if (d->piece_count) d->pieces[d->piece_count - 1].closed = true;
        p = tamar__dialect_open(d, type);
        if (p && tamar_json_type_of(v[0]) == TAMAR_JSON_STRING) tamar__dialect_append(d, type, v[0]);
        if (!p) return;
        p = &d->pieces[d->piece_count - 1];
        p->opaque = tamar__dialect_gemini_kept(d, v[2], v[3]);
        p->closed = true;
    }
}

// The web pages that an answer rests on, wherever they stand.
static void tamar__dialect_gemini_sources(tamar__dialect_decoder *d, tamar_json list, const char *inside)
{
    static const char *const names[] = { "uri", "title", "retrievedUrl", "sourceUri", "web", "retrievedContext", "maps",
                                         "image" };
    tamar_json_iter it = tamar_json_iterate(list);
    tamar_json key, item, v[8];
    size_t i;
    if (inside) {
        tamar_json found;
        tamar__dialect_gemini_pick(list, &inside, 1, &found);
        list = found;
        it = tamar_json_iterate(list);
    }
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) return;
    d->effects += 2;
    while (tamar_json_next(&it, &key, &item)) {
        tamar__dialect_gemini_pick(item, names, 8, v);
        for (i = 4; i < 8; i++)
            if (tamar_json_type_of(v[i]) == TAMAR_JSON_OBJECT) {
                tamar__dialect_gemini_pick(v[i], names, 4, v);
                break;
            }
        tamar__dialect_cite(d, v[0].ptr ? v[0] : v[2].ptr ? v[2] : v[3], v[1]);
    }
}

static void tamar__dialect_gemini_candidate(tamar__dialect_decoder *d, tamar_json candidate)
{
    static const char *const names[] = { "content", "finishReason", "finishMessage", "groundingMetadata",
                                         "citationMetadata", "urlContextMetadata" };
    static const char *const parts[] = { "parts" };
    tamar_json v[6], list, key, part;
    tamar_json_iter it;
    tamar__dialect_gemini_pick(candidate, names, 6, v);
    tamar__dialect_gemini_pick(v[0], parts, 1, &list);
    it = tamar_json_iterate(list);
    if (tamar_json_type_of(list) == TAMAR_JSON_ARRAY)
        while (!d->damaged && tamar_json_next(&it, &key, &part)) tamar__dialect_gemini_part(d, part);
    if (!tamar__dialect_blank(v[1])) {
        tamar__dialect_gemini_open *open = (tamar__dialect_gemini_open *)d->own;
        if (open) tamar__dialect_gemini_close(d, open);  // its end does not always come
        tamar__dialect_finish_word(d, v[1]);
        if (tamar__dialect_finish_of(d->finish_raw) != TAMAR_FINISH_STOP)
            tamar__dialect_gemini_say(d, "finish", v[2]);
    }
    tamar__dialect_gemini_sources(d, v[3], "groundingChunks");
    tamar__dialect_gemini_sources(d, v[4], "citationSources");
    tamar__dialect_gemini_sources(d, v[4], "citations");
    tamar__dialect_gemini_sources(d, v[5], "urlMetadata");
}

// The first candidate, however it is marked: the one whose index is 0, or the first without one.
static void tamar__dialect_gemini_candidates(tamar__dialect_decoder *d, tamar_json list)
{
    static const char *const names[] = { "index" };
    tamar_json_iter it = tamar_json_iterate(list);
    tamar_json key, candidate, at;
    int64_t position = 0, index;
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) return;
    for (; !d->damaged && tamar_json_next(&it, &key, &candidate); position++) {
        index = position;
        tamar__dialect_gemini_pick(candidate, names, 1, &at);
        if (at.ptr && !tamar__json_lenient_int(at, &index)) index = position;
        if (index == 0) tamar__dialect_gemini_candidate(d, candidate);
    }
}

static void tamar__dialect_gemini_count(tamar_opt_int *slot, tamar_json v)
{
    int64_t n;
    if (!tamar__json_lenient_int(v, &n) || n < 0) return;
    slot->set = true;
    slot->value = n <= INT64_MAX - slot->value ? slot->value + n : INT64_MAX;
}

// The last one that counts anything wins, whole: they are running totals, never summed.
static void tamar__dialect_gemini_usage(tamar__dialect_decoder *d, tamar_json usage)
{
    static const char *const names[] = { "promptTokenCount",   "toolUsePromptTokenCount", "candidatesTokenCount",
                                         "thoughtsTokenCount", "cachedContentTokenCount", "totalTokenCount" };
    tamar_json v[6];
    tamar_usage u;
    size_t i;
    if (!usage.ptr) return;
    memset(&u, 0, sizeof u);
    tamar__dialect_gemini_pick(usage, names, 6, v);
    for (i = 0; i < 6 && !v[i].ptr; i++) {}
    if (i == 6) return;
    tamar__dialect_gemini_count(&u.input_tokens, v[0]);
    tamar__dialect_gemini_count(&u.input_tokens, v[1]);  // beside the prompt, not in it
    tamar__dialect_gemini_count(&u.output_tokens, v[2]);
    tamar__dialect_gemini_count(&u.output_tokens, v[3]);  // beside the candidates, not in them
    tamar__dialect_gemini_count(&u.reasoning_tokens, v[3]);
    tamar__dialect_gemini_count(&u.cached_input_tokens, v[4]);
    tamar__dialect_gemini_count(&u.total_tokens, v[5]);
    d->usage = u;
    d->effects += 2;
}

static void tamar__dialect_gemini_vector(tamar__dialect_decoder *d, tamar_json embedding)
{
    static const char *const names[] = { "values", "statistics" }, *const counts[] = { "tokenCount" };
    tamar_json v[2], n;
    tamar__dialect_gemini_pick(embedding, names, 2, v);
    if (!v[0].ptr || !tamar__dialect_embedding(d, v[0]))
        tamar__dialect_fail(d, TAMAR_PARSE, "the answer holds a vector that is not a list of numbers");
    tamar__dialect_gemini_pick(v[1], counts, 1, &n);
    tamar__dialect_gemini_count(&d->usage.input_tokens, n);
}

// Of the predict call: pictures (Imagen), or vectors.
static void tamar__dialect_gemini_prediction(tamar__dialect_decoder *d, tamar_json prediction)
{
    static const char *const names[] = { "embeddings", "bytesBase64Encoded", "mimeType", "gcsUri",
                                         "raiFilteredReason" };
    tamar_json v[5];
    tamar__dialect_gemini_pick(prediction, names, 5, v);
    if (v[0].ptr) tamar__dialect_gemini_vector(d, v[0]);
    else if (v[1].ptr) tamar__dialect_image_data(d, v[1], v[2]);
    else if (v[3].ptr) tamar__dialect_image(d, v[3]);
    else if (v[4].ptr) {
        tamar__dialect_gemini_say(d, "filtered", v[4]);
        d->blocked = true;
    }
}

static void tamar__dialect_gemini_listed(tamar__dialect_decoder *d, tamar_json item)
{
    static const char *const names[] = { "name", "displayName", "inputTokenLimit", "outputTokenLimit" };
    tamar_json v[4];
    tamar_model *m;
    int64_t n;
    tamar__dialect_gemini_pick(item, names, 4, v);
    if (tamar__dialect_blank(v[0])) return;
    m = tamar__dialect_model(d, tamar__dialect_text(d, v[0]), v[1]);
    if (!m) return;
    if (tamar__json_lenient_int(v[2], &n) && n > 0) m->input_tokens = n;
    if (tamar__json_lenient_int(v[3], &n) && n > 0) m->output_tokens = n;
}

static void tamar__dialect_gemini_each(tamar__dialect_decoder *d, tamar_json list,
                                       void (*take)(tamar__dialect_decoder *d, tamar_json item))
{
    tamar_json_iter it = tamar_json_iterate(list);
    tamar_json key, item;
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) return;
    while (!d->damaged && !d->over && tamar_json_next(&it, &key, &item)) take(d, item);
}

enum {  // the members of an answer, in the order of their names below
    TAMAR__DIALECT_IN_CANDIDATES,
    TAMAR__DIALECT_IN_FEEDBACK,
    TAMAR__DIALECT_IN_USAGE,
    TAMAR__DIALECT_IN_VERSION,
    TAMAR__DIALECT_IN_ID,
    TAMAR__DIALECT_IN_ERROR,
    TAMAR__DIALECT_IN_PREDICTIONS,
    TAMAR__DIALECT_IN_EMBEDDING,
    TAMAR__DIALECT_IN_EMBEDDINGS,
    TAMAR__DIALECT_IN_MODELS,
    TAMAR__DIALECT_IN_PUBLISHED,
    TAMAR__DIALECT_IN_TOTAL,
    TAMAR__DIALECT_IN_CACHED,
    TAMAR__DIALECT_IN_NEXT,
    TAMAR__DIALECT_IN_WRAPPED,
    TAMAR__DIALECT_IN_KNOWN
};

// What one answer, or one record of a stream, means. False: nothing in it is known.
static bool tamar__dialect_gemini_object(tamar__dialect_decoder *d, tamar_json root)
{
    static const char *const names[] = { "candidates",  "promptFeedback", "usageMetadata", "modelVersion",
                                         "responseId",  "error",          "predictions",   "embedding",
                                         "embeddings",  "models",         "publisherModels", "totalTokens",
                                         "cachedContentTokenCount", "nextPageToken", "response" };
    static const char *const feedback[] = { "blockReason", "blockReasonMessage" };
    tamar_json v[TAMAR__DIALECT_IN_KNOWN], block[2], inside;
    size_t i, known = 0;
    tamar__dialect_gemini_pick(root, names, TAMAR__DIALECT_IN_KNOWN, v);
    inside = v[TAMAR__DIALECT_IN_WRAPPED];
    // as Code Assist sends it
    if (!v[TAMAR__DIALECT_IN_CANDIDATES].ptr && tamar_json_type_of(inside) == TAMAR_JSON_OBJECT)
        tamar__dialect_gemini_pick(inside, names, TAMAR__DIALECT_IN_WRAPPED, v);
    for (i = 0; i < TAMAR__DIALECT_IN_WRAPPED; i++) known += v[i].ptr != NULL;
    tamar__dialect_gemini_candidates(d, v[TAMAR__DIALECT_IN_CANDIDATES]);
    tamar__dialect_gemini_pick(v[TAMAR__DIALECT_IN_FEEDBACK], feedback, 2, block);
    if (!tamar__dialect_blank(block[0])) {
        d->blocked = true;
        tamar__dialect_finish_word(d, block[0]);
        tamar__dialect_gemini_say(d, "finish", block[1]);
    }
    tamar__dialect_first_text(d, &d->model, v[TAMAR__DIALECT_IN_VERSION]);
    tamar__dialect_first_text(d, &d->id, v[TAMAR__DIALECT_IN_ID]);
    tamar__dialect_gemini_usage(d, v[TAMAR__DIALECT_IN_USAGE]);
    if (v[TAMAR__DIALECT_IN_TOTAL].ptr) {
        d->effects += 2;
        tamar__dialect_gemini_count(&d->usage.input_tokens, v[TAMAR__DIALECT_IN_TOTAL]);
        tamar__dialect_gemini_count(&d->usage.cached_input_tokens, v[TAMAR__DIALECT_IN_CACHED]);
    }
    tamar__dialect_gemini_each(d, v[TAMAR__DIALECT_IN_PREDICTIONS], tamar__dialect_gemini_prediction);
    if (v[TAMAR__DIALECT_IN_EMBEDDING].ptr) tamar__dialect_gemini_vector(d, v[TAMAR__DIALECT_IN_EMBEDDING]);
    tamar__dialect_gemini_each(d, v[TAMAR__DIALECT_IN_EMBEDDINGS], tamar__dialect_gemini_vector);
    tamar__dialect_gemini_each(d, v[TAMAR__DIALECT_IN_MODELS], tamar__dialect_gemini_listed);
    tamar__dialect_gemini_each(d, v[TAMAR__DIALECT_IN_PUBLISHED], tamar__dialect_gemini_listed);
    if (!tamar__dialect_blank(v[TAMAR__DIALECT_IN_NEXT]))
        tamar__talk_warn(&d->notes, "more", "the vendor has more models than this page holds");
    if (v[TAMAR__DIALECT_IN_ERROR].ptr) tamar__dialect_vendor_error(d, root, false);
    return known > 0;
}

static bool tamar__dialect_gemini_parsed(tamar__dialect_decoder *d, tamar_str text, bool streaming, tamar_json *root)
{
    tamar_json_error why;
    if (tamar_json_parse(text.ptr, text.len, root, &why)) return true;
    if (why.status == TAMAR_JSON_TOO_DEEP)
        tamar__dialect_fail(d, TAMAR_LIMIT, "the answer's JSON is nested deeper than 64 levels");
    else if (why.status == TAMAR_JSON_TRUNCATED && !streaming)
        tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
    else tamar__dialect_fail_with(d, TAMAR_PARSE, "the answer is not valid JSON: ", text);
    return false;
}

static void tamar__dialect_gemini_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_json root;
    data = tamar__str_trim(data);
    if (!data.len || tamar__str_starts(data, "[DONE]")) return;  // a gateway's; the finish reason is the proof
    if (!tamar__dialect_gemini_parsed(d, data, true, &root)) return;
    if (tamar__str_is(event, "error")) tamar__dialect_vendor_error(d, root, true);
    else tamar__dialect_gemini_object(d, root);
}

static void tamar__dialect_gemini_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_kind kind = d->dialect->kind;
    tamar_json root, key, item;
    bool known = false;
    if (!tamar__dialect_gemini_parsed(d, json, false, &root)) return;
    if (*root.ptr == '[') {  // a stream's array where none was asked for, or an error
        tamar_json_iter it = tamar_json_iterate(root);
        while (!d->over && !d->damaged && tamar_json_next(&it, &key, &item))
            known = tamar__dialect_gemini_object(d, item) || known;
    }
    else known = tamar__dialect_gemini_object(d, root);
    d->done = true;
    if (d->own) tamar__dialect_gemini_close(d, (tamar__dialect_gemini_open *)d->own);
    // {} is an empty list, a zero, or pictures that were all held back: default values are never written.
    if (*root.ptr == '{' && tamar_json_count(root) == 0 && (kind == TAMAR_KIND_MODELS || kind == TAMAR_KIND_TOKENS)) {
        known = true;
        if (kind == TAMAR_KIND_TOKENS) d->usage.input_tokens.set = true;
    }
    if (kind == TAMAR_KIND_IMAGES && d->image_count) d->blocked = false;  // some came through
    else if (kind == TAMAR_KIND_IMAGES && (d->blocked || (!known && tamar_json_count(root) == 0))) {
        d->blocked = known = true;
        if (!d->finish_raw.len) d->finish_raw = tamar__str_z("SAFETY");
    }
    if (!known && d->error.category == TAMAR_OK && !d->damaged)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no answer of Google's: ", json);
}

// -- what several natives share --------------------------------------------------------------------

// Opens an object that extra may add members to under the same name: ours and theirs become one, theirs winning.
// Returns the extra around it, for _inner_end.
static tamar_json tamar__dialect_inner(tamar__dialect_out *o, const char *key)
{
    tamar_json outer = o->extra;
    tamar_json_write_key(&o->w, key);
    tamar_json_write_object(&o->w);
    if (outer.ptr) o->extra = tamar_json_get(outer, key);
    if (tamar_json_type_of(o->extra) != TAMAR_JSON_OBJECT) o->extra.ptr = NULL, o->extra.len = 0;
    return outer;
}

static void tamar__dialect_inner_end(tamar__dialect_out *o, tamar_json outer)
{
    if (o->extra.ptr) tamar__dialect_extra(o);
    tamar_json_write_end(&o->w);
    o->extra = outer;
}

// The name of the tool that a result belongs to: its own, or that of the call with its id.
static tamar_str tamar__dialect_result_name(const tamar_request *rq, const tamar_part *result)
{
    size_t i, k;
    for (i = rq->message_count; i > 0 && !result->name.len; i--)
        for (k = 0; k < rq->messages[i - 1].part_count; k++) {
            const tamar_part *p = &rq->messages[i - 1].parts[k];
            if (p->type == TAMAR_PART_TOOL_CALL && tamar__str_equal(p->id, result->id)) return p->name;
        }
    return result->name;
}

// The bytes of a picture as bare base64. Empty: it has none (it is a URL).
static tamar_str tamar__dialect_bare_base64(tamar__dialect_out *o, const tamar_part *p)
{
    tamar__str_buf b;
    size_t comma;
    if (p->data.len) {
        tamar__str_init(&b, o->arena, SIZE_MAX / 2);
        tamar__str_base64(&b, p->data.ptr, p->data.len, false);
        return tamar__dialect_aside(o, &b);
    }
    comma = tamar__str_at(p->url, ',');
    return tamar__str_starts(p->url, "data:") && comma < p->url.len
               ? tamar__str_make(p->url.ptr + comma + 1, p->url.len - comma - 1)
               : tamar__str_make("", 0);
}

// Arguments as the JSON object they are.
static void tamar__dialect_arguments_object(tamar__dialect_out *o, const char *key, const tamar_part *p)
{
    tamar_json v;
    bool good = tamar_json_parse(p->text.ptr, p->text.len, &v, NULL) && tamar_json_type_of(v) == TAMAR_JSON_OBJECT;
    if (!good && p->text.len)
        tamar__talk_warn(o->notes, "tool_arguments",
                         "a tool call's arguments are not a JSON object; {} was sent instead");
    tamar_json_write_key(&o->w, key);
    if (good) tamar_json_write_raw(&o->w, v.ptr, v.len);
    else tamar__dialect_raw(o, "{}");
}

// Warns of what belongs to another vendor or cannot go back to a model in an assistant's turn.
static void tamar__dialect_foreign(tamar__dialect_out *o, const tamar_part *parts, size_t count)
{
    size_t i;
    for (i = 0; i < count; i++) {
        if (parts[i].type >= TAMAR_PART_IMAGE && parts[i].type <= TAMAR_PART_FILE)
            tamar__talk_warn(o->notes, "dropped",
                             "media in an assistant's turn cannot be sent back; it was left out");
        if (parts[i].opaque.len)
            tamar__talk_warn(o->notes, "dropped",
                             "what belongs to another vendor was left out of an assistant's turn");
    }
}

// Says of each member that this kind of server does not know that it was left out.
static void tamar__dialect_unknown(tamar__dialect_out *o, bool user, bool logprobs)
{
    const tamar_request *rq = o->rq;
    if ((user && rq->user) || rq->cache_key || rq->service_tier || rq->store.set || rq->metadata || rq->verbosity)
        tamar__talk_warn(o->notes, "unsupported",
                         "this provider knows none of user, cache_key, service_tier, store, metadata and verbosity; "
                         "they were left out");
    if (logprobs && (rq->logprobs.set || rq->top_logprobs.set))
        tamar__talk_warn(o->notes, "unsupported", "this provider gives no logprobs; they were left out");
    if (rq->choices > 1)
        tamar__talk_warn(o->notes, "unsupported", "only the first answer is read; ask several times for several");
}

// The level to be sent, rounded to what the model has.
static tamar_effort tamar__dialect_effort(tamar__dialect_out *o)
{
    tamar_effort effort = o->rq->effort;
    if (effort == TAMAR_EFFORT_DEFAULT) return effort;
    effort = tamar__model_effort(o->to->profile, effort);
    if (effort != o->rq->effort)
        tamar__talk_warn(o->notes, "effort",
                         effort == TAMAR_EFFORT_DEFAULT
                             ? "this model has no reasoning effort; it was left out"
                             : "this model does not have this reasoning effort; the nearest one was sent");
    return effort;
}

// A whole document that should be JSON. False: it is not, and the decoder has failed.
static bool tamar__dialect_parse(tamar__dialect_decoder *d, tamar_str text, bool streaming, tamar_json *root)
{
    tamar_json_error why;
    if (tamar_json_parse(text.ptr, text.len, root, &why)) return true;
    if (why.status == TAMAR_JSON_TOO_DEEP)
        tamar__dialect_fail(d, TAMAR_LIMIT, "the answer's JSON is nested deeper than 64 levels");
    else if (why.status == TAMAR_JSON_TRUNCATED && !streaming)
        tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
    else tamar__dialect_fail_with(d, TAMAR_PARSE, "the answer is not valid JSON: ", text);
    return false;
}

static void tamar__dialect_count(tamar__dialect_decoder *d, tamar_opt_int *slot, tamar_json v)
{
    int64_t n;
    if (!v.ptr || !tamar__json_lenient_int(v, &n) || n < 0) return;
    slot->set = true;
    slot->value = n;
    d->effects += 2;
}

// A time like "2026-11-20T10:00:00.5+08:00" (RFC 3339) as seconds since 1970; 0: it is none.
static int64_t tamar__dialect_time(tamar_json v)
{
    char text[40];
    tamar_str s = tamar__dialect_short(v, text, sizeof text);
    int year, month, day, hour, minute, second, zone_hour = 0, zone_minute = 0;
    size_t i = 19;
    int64_t t;
    if (s.len < 20 || !tamar__policy_digits(s.ptr, 4, &year) || !tamar__policy_digits(s.ptr + 5, 2, &month) ||
        !tamar__policy_digits(s.ptr + 8, 2, &day) || !tamar__policy_digits(s.ptr + 11, 2, &hour) ||
        !tamar__policy_digits(s.ptr + 14, 2, &minute) || !tamar__policy_digits(s.ptr + 17, 2, &second) || month < 1 ||
        month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || year < 1970)
        return 0;
    t = tamar__policy_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    if (s.ptr[i] == '.')
        for (i++; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++) {}
    if (s.len - i == 6 && (s.ptr[i] == '+' || s.ptr[i] == '-') &&
        tamar__policy_digits(s.ptr + i + 1, 2, &zone_hour) && tamar__policy_digits(s.ptr + i + 4, 2, &zone_minute))
        t -= (s.ptr[i] == '-' ? -1 : 1) * (zone_hour * 3600 + zone_minute * 60);
    return t > 0 ? t : 0;
}

// -- ollama-chat: requests -------------------------------------------------------------------------

static void tamar__dialect_ollama_images(tamar__dialect_out *o, const tamar_part *parts, size_t count)
{
    size_t i, n = 0;
    for (i = 0; i < count; i++) {
        tamar_str data;
        if (parts[i].type > TAMAR_PART_IMAGE && parts[i].type <= TAMAR_PART_FILE)
            tamar__talk_warn(o->notes, "unsupported",
                             "ollama-chat takes text and pictures only; audio, video and files were left out");
        if (parts[i].type != TAMAR_PART_IMAGE) continue;
        data = tamar__dialect_bare_base64(o, &parts[i]);
        if (!data.len) {
            tamar__talk_warn(o->notes, "unsupported",
                             "ollama-chat takes pictures as bytes only; a URL or an id was left out");
            continue;
        }
        if (!n++) {
            tamar_json_write_key(&o->w, "images");
            tamar_json_write_array(&o->w);
        }
        tamar_json_write_string(&o->w, data.ptr, data.len);
    }
    if (n) tamar_json_write_end(&o->w);
}

static void tamar__dialect_ollama_calls(tamar__dialect_out *o, const tamar_part *parts, size_t count)
{
    size_t i, n = 0;
    for (i = 0; i < count; i++) {
        if (parts[i].type != TAMAR_PART_TOOL_CALL) continue;
        if (!n++) {
            tamar_json_write_key(&o->w, "tool_calls");
            tamar_json_write_array(&o->w);
        }
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "id", parts[i].id);
        tamar_json_write_key(&o->w, "function");
        tamar_json_write_object(&o->w);
        tamar_json_write_key(&o->w, "index");
        tamar_json_write_uint(&o->w, n - 1);
        tamar__dialect_str_member(o, "name", parts[i].name);
        tamar__dialect_arguments_object(o, "arguments", &parts[i]);
        tamar_json_write_end(&o->w);
        tamar_json_write_end(&o->w);
    }
    if (n) tamar_json_write_end(&o->w);
}

static void tamar__dialect_ollama_message(tamar__dialect_out *o, const tamar_message *m)
{
    static const char *const roles[] = { "user", "system", "assistant", "tool" };
    tamar_part one;
    size_t i, count, results = 0;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    tamar_str text, reasoning;
    bool any, thought;
    if (m->name)
        tamar__talk_warn(o->notes, "unsupported", "this provider takes no names of speakers; they were left out");
    for (i = 0; i < count; i++) {
        const tamar_part *p = &parts[i];
        tamar__dialect_cache_mark(o, p);
        if (p->type != TAMAR_PART_TOOL_RESULT) continue;
        results++;
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "role", "tool");
        tamar__dialect_str_member(o, "content", tamar__dialect_result_text(o, p));
        tamar__dialect_str_member(o, "tool_name", tamar__dialect_result_name(o->rq, p));
        tamar__dialect_str_member(o, "tool_call_id", p->id);
        tamar_json_write_end(&o->w);
    }
    if (results == count && results) return;
    if (m->role == TAMAR_ROLE_ASSISTANT) tamar__dialect_foreign(o, parts, count);
    text = tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &any);
    if (m->role == TAMAR_ROLE_TOOL && !any) return;
    reasoning = tamar__dialect_joined(o, parts, count, TAMAR_PART_REASONING, &thought);
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "role", m->role == TAMAR_ROLE_TOOL ? "user" : roles[m->role]);
    tamar__dialect_str_member(o, "content", text);
    if (m->role == TAMAR_ROLE_ASSISTANT) {
        if (thought) tamar__dialect_str_member(o, "thinking", reasoning);
        tamar__dialect_ollama_calls(o, parts, count);
    }
    else tamar__dialect_ollama_images(o, parts, count);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_ollama_tools(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    size_t i;
    if (rq->tool_choice >= TAMAR_TOOL_CHOICE_REQUIRED)
        tamar__talk_warn(o->notes, "unsupported",
                         "this provider cannot be made to use a tool; tool_choice was left out");
    if (rq->parallel_tool_calls.set)
        tamar__talk_warn(o->notes, "unsupported", "this provider has no parallel_tool_calls; it was left out");
    // none is said by not telling of any
    if (!rq->tool_count || rq->tool_choice == TAMAR_TOOL_CHOICE_NONE || !tamar__dialect_key(o, "tools")) return;
    tamar_json_write_array(&o->w);
    for (i = 0; i < rq->tool_count; i++) {
        const tamar_tool *t = &rq->tools[i];
        if (t->raw) {
            tamar__dialect_raw(o, t->raw);
            continue;
        }
        if (t->strict)
            tamar__talk_warn(o->notes, "unsupported",
                             "this provider enforces no schema of arguments; strict was left out");
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", "function");
        tamar_json_write_key(&o->w, "function");
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "name", t->name);
        tamar__dialect_z_member(o, "description", t->description);
        tamar_json_write_key(&o->w, "parameters");
        tamar__dialect_raw(o, t->parameters ? t->parameters : "{\"type\":\"object\",\"properties\":{}}");
        tamar_json_write_end(&o->w);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_ollama_options(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json outer;
    size_t i;
    if (!rq->temperature.set && !rq->top_p.set && !rq->top_k.set && !rq->seed.set && !rq->stop_count &&
        !rq->max_tokens && !rq->frequency_penalty.set && !rq->presence_penalty.set &&
        !(o->extra.ptr && tamar_json_get(o->extra, "options").ptr))
        return;
    outer = tamar__dialect_inner(o, "options");
    if (rq->max_tokens > 0 && tamar__dialect_key(o, "num_predict")) tamar_json_write_int(&o->w, rq->max_tokens);
    tamar__dialect_number(o, "temperature", rq->temperature, NULL);
    tamar__dialect_number(o, "top_p", rq->top_p, NULL);
    if (rq->top_k.set && tamar__dialect_key(o, "top_k")) tamar_json_write_int(&o->w, rq->top_k.value);
    tamar__dialect_number(o, "frequency_penalty", rq->frequency_penalty, NULL);
    tamar__dialect_number(o, "presence_penalty", rq->presence_penalty, NULL);
    if (rq->seed.set && tamar__dialect_key(o, "seed")) tamar_json_write_int(&o->w, rq->seed.value);
    if (rq->stop_count && tamar__dialect_key(o, "stop")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->stop_count; i++) tamar_json_write_string(&o->w, rq->stop[i], strlen(rq->stop[i]));
        tamar_json_write_end(&o->w);
    }
    tamar__dialect_inner_end(o, outer);
}

// The dialect streams unless it is told not to: stream is always said.
static void tamar__dialect_ollama_encode(tamar__dialect_out *o)
{
    static const char *const words[] = { NULL, NULL, "low", "low", "medium", "high", "high", "max" };
    const tamar_request *rq = o->rq;
    tamar_effort effort = tamar__dialect_effort(o);
    tamar_json own = o->extra.ptr ? tamar_json_get(o->extra, "messages") : o->extra;
    tamar_message m;
    size_t i;
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    tamar_json_write_key(&o->w, "stream");  // extra cannot change it: the answer is read as it was asked for
    tamar_json_write_bool(&o->w, rq->stream);
    if (effort == TAMAR_EFFORT_OFF && tamar__dialect_key(o, "think")) tamar_json_write_bool(&o->w, false);
    else if (effort > TAMAR_EFFORT_OFF && tamar__dialect_key(o, "think"))
        tamar_json_write_string(&o->w, words[effort], strlen(words[effort]));
    if (rq->logprobs.set && tamar__dialect_key(o, "logprobs")) tamar_json_write_bool(&o->w, rq->logprobs.value != 0);
    if (rq->top_logprobs.set && tamar__dialect_key(o, "top_logprobs"))
        tamar_json_write_int(&o->w, rq->top_logprobs.value);
    if (rq->format != TAMAR_FORMAT_TEXT && tamar__dialect_key(o, "format")) {
        if (rq->format == TAMAR_FORMAT_SCHEMA) tamar__dialect_raw(o, rq->schema);
        else tamar_json_write_string(&o->w, "json", 4);
    }
    tamar__dialect_ollama_options(o);
    tamar__dialect_ollama_tools(o);
    tamar__dialect_unknown(o, true, false);
    if (o->extra.ptr) tamar__dialect_extra_but(o, "messages,options,stream");
    tamar_json_write_key(&o->w, "messages");
    if (own.ptr) tamar_json_write_raw(&o->w, own.ptr, own.len);
    else {
        tamar_json_write_array(&o->w);
        memset(&m, 0, sizeof m);
        m.role = TAMAR_ROLE_SYSTEM;
        m.text = rq->system;
        if (rq->system) tamar__dialect_ollama_message(o, &m);
        for (i = 0; i < rq->message_count; i++) tamar__dialect_ollama_message(o, &rq->messages[i]);
        m.role = TAMAR_ROLE_USER;
        m.text = rq->prompt;
        if (rq->prompt) tamar__dialect_ollama_message(o, &m);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_ollama_embed(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    size_t i;
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    if (rq->dimensions && tamar__dialect_key(o, "dimensions")) tamar_json_write_int(&o->w, rq->dimensions);
    if (rq->input_type)
        tamar__talk_warn(o->notes, "unsupported", "this provider has one kind of embedding; input_type was left out");
    tamar__dialect_unknown(o, true, true);
    if (o->extra.ptr) tamar__dialect_extra_but(o, "input");
    tamar_json_write_key(&o->w, "input");
    if (o->extra.ptr && tamar_json_get(o->extra, "input").ptr) {
        tamar_json own = tamar_json_get(o->extra, "input");
        tamar_json_write_raw(&o->w, own.ptr, own.len);
    }
    else {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->input_count; i++) tamar_json_write_string(&o->w, rq->inputs[i], strlen(rq->inputs[i]));
        if (rq->prompt) tamar_json_write_string(&o->w, rq->prompt, strlen(rq->prompt));
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// -- ollama-chat: answers --------------------------------------------------------------------------

// One record, or the whole answer: they have the same form. /api/generate says response where /api/chat has a message.
static void tamar__dialect_ollama_object(tamar__dialect_decoder *d, tamar_json root, bool streaming)
{
    tamar_json_iter it = tamar_json_iterate(root), inner;
    tamar_json key, v, message, response, thinking, reason, done, calls;
    bool over = false;
    int64_t seconds;
    key.ptr = NULL, key.len = 0;
    message = response = thinking = reason = done = calls = key;
    while (tamar_json_next(&it, &key, &v)) {
        if (tamar_json_is(key, "message")) message = v;
        else if (tamar_json_is(key, "response")) response = v;
        else if (tamar_json_is(key, "thinking")) thinking = v;
        else if (tamar_json_is(key, "done_reason")) reason = v;
        else if (tamar_json_is(key, "done")) done = v;
        else if (tamar_json_is(key, "prompt_eval_count")) tamar__dialect_count(d, &d->usage.input_tokens, v);
        else if (tamar_json_is(key, "eval_count")) tamar__dialect_count(d, &d->usage.output_tokens, v);
        else if (!d->model.len && tamar_json_is(key, "model")) tamar__dialect_first_text(d, &d->model, v);
        else if (!d->created && tamar_json_is(key, "created_at")) {
            seconds = tamar__dialect_time(v);
            if (seconds) d->created = seconds, d->effects += 2;
        }
    }
    if (tamar_json_type_of(message) == TAMAR_JSON_OBJECT) {
        it = tamar_json_iterate(message);
        while (tamar_json_next(&it, &key, &v)) {
            if (tamar_json_is(key, "content")) response = v;
            else if (tamar_json_is(key, "thinking")) thinking = v;
            else if (tamar_json_is(key, "tool_calls")) calls = v;
            else if (tamar_json_is(key, "images") && tamar_json_type_of(v) == TAMAR_JSON_ARRAY) {
                tamar_json image, none;
                none.ptr = NULL, none.len = 0;
                inner = tamar_json_iterate(v);
                while (tamar_json_next(&inner, &key, &image)) tamar__dialect_image_data(d, image, none);
            }
        }
    }
    if (tamar_json_type_of(thinking) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_REASONING, thinking);
    if (tamar_json_type_of(response) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_TEXT, response);
    if (tamar_json_type_of(calls) == TAMAR_JSON_ARRAY) {
        inner = tamar_json_iterate(calls);
        while (tamar_json_next(&inner, &key, &v)) tamar__dialect_chat_call(d, v, true);
    }
    tamar__dialect_finish_word(d, reason);
    if (tamar_json_get_bool(done, &over) == TAMAR_JSON_OK && over) {
        d->effects += 2;
        d->done = true;
        if (streaming) d->over = true;
    }
    // What came beside an error counts all the same.
    tamar__dialect_vendor_error(d, root, !streaming && !message.ptr && !response.ptr && !d->done);
    if (!streaming && d->error.category == TAMAR_OK && !message.ptr && !response.ptr && !d->done)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no chat answer: ",
                                 tamar__str_make(root.ptr, root.len));
}

static void tamar__dialect_ollama_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_json root;
    (void)event;
    if (!tamar__dialect_parse(d, data, true, &root)) return;
    if (tamar_json_type_of(root) != TAMAR_JSON_OBJECT)
        tamar__dialect_fail_with(d, TAMAR_PARSE, "a line of the stream is no JSON object: ", data);
    else tamar__dialect_ollama_object(d, root, true);
}

// A server that was not told, or a proxy that dropped "stream": false, sends lines where one object was asked for.
static void tamar__dialect_ollama_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root;
    size_t eol = tamar__str_at(json, '\n');
    if (eol < json.len && tamar_json_parse(json.ptr, eol, &root, NULL)) {
        while (json.len && !d->over) {
            tamar_str line;
            eol = tamar__str_at(json, '\n');
            line = tamar__str_trim(tamar__str_make(json.ptr, eol));
            if (line.len) tamar__dialect_ollama_record(d, line, line);
            eol += eol < json.len ? 1 : 0;
            json.ptr += eol;
            json.len -= eol;
        }
        if (!d->done && !d->over)
            tamar__dialect_fail(d, TAMAR_TRUNCATED,
                                "the stream ended without its terminator: the answer may not be whole");
        return;
    }
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    if (tamar_json_type_of(root) == TAMAR_JSON_OBJECT) tamar__dialect_ollama_object(d, root, false);
    else tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no chat answer: ", json);
    d->done = true;
}

static void tamar__dialect_ollama_vectors(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root, list, key, v;
    tamar_json_iter it;
    bool good = true;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    list = tamar_json_get(root, "embeddings");
    v = tamar_json_get(root, "embedding");  // of the older /api/embeddings
    it = tamar_json_iterate(list);
    if (tamar_json_type_of(list) == TAMAR_JSON_ARRAY)
        while (good && tamar_json_next(&it, &key, &v)) good = tamar__dialect_embedding(d, v);
    else if (v.ptr) good = tamar__dialect_embedding(d, v);
    else if (tamar__dialect_vendor_error(d, root, true)) return;
    else good = false;
    tamar__dialect_first_text(d, &d->model, tamar_json_get(root, "model"));
    tamar__dialect_count(d, &d->usage.input_tokens, tamar_json_get(root, "prompt_eval_count"));
    d->done = true;
    if (!good)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of embeddings: ", json);
}

static void tamar__dialect_ollama_tags(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root, list, key, v;
    tamar_json_iter it;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    list = tamar_json_get(root, "models");
    d->done = true;
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) {
        if (!tamar__dialect_vendor_error(d, root, true))
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of models: ", json);
        return;
    }
    it = tamar_json_iterate(list);
    while (tamar_json_next(&it, &key, &v)) {
        tamar_str id = tamar__dialect_text(d, tamar_json_get(v, "model"));
        if (!id.len) id = tamar__dialect_text(d, tamar_json_get(v, "name"));
        if (id.len) tamar__dialect_model(d, id, tamar_json_get(v, "name"));
    }
}

// -- tamar-invoke: requests ------------------------------------------------------------------------
// The model gateway. The model's name carries the vendor behind it ("openai/gpt-4o"); how the gateway asks that vendor
// (channel, invoke_type) follows from it unless the request says otherwise. Everything else stands flat beside it.

typedef struct tamar__dialect_invoke {
    tamar_str vendor;
    tamar__model_target to;
    const char *channel, *invoke_type;  // NULL: the gateway's own default
    bool google, system_apart;
} tamar__dialect_invoke;

static bool tamar__dialect_invoke_plan(tamar__dialect_out *o, tamar__dialect_invoke *v)
{
    static const struct {
        const char *vendors;
        tamar_kind kind;
        const char *channel, *invoke_type;
    } table[] = {
        { "openai,azure", TAMAR_KIND_CHAT, "openai", "chat-completions" },
        { "openai,azure", TAMAR_KIND_IMAGES, "openai", "image-generation" },
        { "google", TAMAR_KIND_CHAT, "ai-studio", "generation" },
        { "google", TAMAR_KIND_IMAGES, "ai-studio", "image-generation-genai" },
        { "anthropic", TAMAR_KIND_CHAT, "anthropic", "messages" },
        { "deepseek,perplexity,xai,mistral,qwen,zhipu,moonshot", TAMAR_KIND_CHAT, NULL, "chat-completions" },
        { "*", TAMAR_KIND_IMAGES, NULL, "image-generation" },
    };
    const tamar_request *rq = o->rq;
    tamar_kind kind = rq->kind == TAMAR_KIND_IMAGES ? TAMAR_KIND_IMAGES : TAMAR_KIND_CHAT;
    tamar_str name = o->to->model;
    size_t i, count, slash = tamar__str_at(name, '/');
    const tamar_provider *rows = tamar__model_rows(&count), *row = NULL;
    memset(v, 0, sizeof *v);
    v->to = *o->to;
    if (slash < name.len) {
        v->vendor = tamar__str_make(name.ptr, slash);
        v->to.model = tamar__str_make(name.ptr + slash + 1, name.len - slash - 1);
        row = tamar__model_provider(NULL, 0, v->vendor);
    }
    for (i = 0; slash == name.len && !row && i < count; i++)
        if (tamar__model_listed(rows[i].models, name)) row = &rows[i];
    if (slash == name.len && !row && tamar__model_listed("gemini-*,imagen-*,veo-*", name))
        v->vendor = tamar__str_z("google");
    if (slash == name.len && !row && tamar__model_listed("claude-*", name)) v->vendor = tamar__str_z("anthropic");
    if (row) {
        v->vendor = tamar__str_z(row->name);
        v->to.profile = tamar__model_profile_of(NULL, 0, row, v->to.model);
    }
    if (!v->vendor.len || !v->to.model.len) {
        o->refused = "request.model: the gateway needs the vendor too: write \"tamar/openai/gpt-4o\"";
        return false;
    }
    for (i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].kind == kind && tamar__model_listed(table[i].vendors, v->vendor)) {
            v->channel = table[i].channel;
            v->invoke_type = table[i].invoke_type;
            break;
        }
    if (rq->channel) v->channel = rq->channel;
    if (rq->invoke_type) v->invoke_type = rq->invoke_type;
    v->google = tamar__str_is(v->vendor, "google");
    v->system_apart = v->invoke_type && !strcmp(v->invoke_type, "messages");
    if ((!rq->org_id || !rq->user) && !(o->extra.ptr && tamar_json_get(o->extra, "user_context").ptr)) {
        o->refused = "request.org_id and request.user are missing: the gateway books each call to both";
        return false;
    }
    return true;
}

static void tamar__dialect_invoke_user(tamar__dialect_out *o)
{
    if (!tamar__dialect_key(o, "user_context")) return;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "org_id", o->rq->org_id);
    tamar__dialect_z_member(o, "user_id", o->rq->user);
    tamar__dialect_z_member(o, "client_type", o->rq->client_type ? o->rq->client_type : "tamar-c");
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_invoke_head(tamar__dialect_out *o, const tamar__dialect_invoke *v)
{
    if (tamar__dialect_key(o, "provider")) tamar_json_write_string(&o->w, v->vendor.ptr, v->vendor.len);
    if (v->channel && tamar__dialect_key(o, "channel")) tamar_json_write_string(&o->w, v->channel, strlen(v->channel));
    if (v->invoke_type && tamar__dialect_key(o, "invoke_type"))
        tamar_json_write_string(&o->w, v->invoke_type, strlen(v->invoke_type));
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, v->to.model.ptr, v->to.model.len);
    tamar_json_write_key(&o->w, "stream");
    tamar_json_write_bool(&o->w, o->rq->stream && o->rq->kind == TAMAR_KIND_CHAT);
}

// One part of Google's contents, in the spelling of its Python types, which is what the gateway hands on.
static void tamar__dialect_invoke_part(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_json v;
    tamar_str data;
    switch (p->type) {
    case TAMAR_PART_TEXT:
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "text", p->text);
        tamar_json_write_end(&o->w);
        return;
    case TAMAR_PART_IMAGE: case TAMAR_PART_AUDIO: case TAMAR_PART_VIDEO: case TAMAR_PART_FILE:
        data = tamar__dialect_bare_base64(o, p);
        tamar_json_write_object(&o->w);
        tamar_json_write_key(&o->w, data.len ? "inline_data" : "file_data");
        tamar_json_write_object(&o->w);
        if (data.len) {
            tamar_str mime = p->mime_type;
            if (!mime.len && !p->data.len)  // data:MIME;base64,
                mime = tamar__str_make(p->url.ptr + 5, tamar__base_min(tamar__str_at(p->url, ';'),
                                                                       tamar__str_at(p->url, ',')) - 5);
            if (!mime.len)
                mime = tamar__str_z(p->type == TAMAR_PART_FILE ? "application/pdf"
                                                               : tamar__dialect_image_mime(p->data));
            tamar__dialect_str_member(o, "mime_type", mime);
            tamar__dialect_str_member(o, "data", data);
        }
        else {
            tamar__dialect_str_member(o, "file_uri", p->url.len ? p->url : p->id);
            if (p->mime_type.len) tamar__dialect_str_member(o, "mime_type", p->mime_type);
        }
        break;
    case TAMAR_PART_TOOL_CALL:
        tamar_json_write_object(&o->w);
        tamar_json_write_key(&o->w, "function_call");
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "name", p->name);
        tamar__dialect_arguments_object(o, "args", p);
        break;
    case TAMAR_PART_TOOL_RESULT:
        tamar_json_write_object(&o->w);
        tamar_json_write_key(&o->w, "function_response");
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "name", tamar__dialect_result_name(o->rq, p));
        tamar_json_write_key(&o->w, "response");
        if (tamar_json_parse(p->text.ptr, p->text.len, &v, NULL) && tamar_json_type_of(v) == TAMAR_JSON_OBJECT &&
            !p->is_error)
            tamar_json_write_raw(&o->w, v.ptr, v.len);
        else {
            tamar_json_write_object(&o->w);
            tamar__dialect_str_member(o, p->is_error ? "error" : "result", p->text);
            tamar_json_write_end(&o->w);
        }
        break;
    default: return;  // reasoning and what belongs to others stay here
    }
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_invoke_content(tamar__dialect_out *o, const tamar_message *m)
{
    tamar_part one;
    size_t i, count;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    if (m->role == TAMAR_ROLE_SYSTEM) return;
    if (m->name)
        tamar__talk_warn(o->notes, "unsupported", "this provider takes no names of speakers; they were left out");
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "role", m->role == TAMAR_ROLE_ASSISTANT ? "model" : "user");
    tamar_json_write_key(&o->w, "parts");
    tamar_json_write_array(&o->w);
    for (i = 0; i < count; i++) {
        tamar__dialect_cache_mark(o, &parts[i]);
        if (parts[i].opaque.len)
            tamar__talk_warn(o->notes, "dropped",
                             "what belongs to another vendor was left out of an assistant's turn");
        tamar__dialect_invoke_part(o, &parts[i]);
    }
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

// The system text and that of system messages, as one.
static tamar_str tamar__dialect_system(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar__str_buf b;
    size_t i;
    bool any;
    tamar__str_init(&b, o->arena, SIZE_MAX / 2);
    if (rq->system) tamar__str_puts(&b, rq->system);
    for (i = 0; i < rq->message_count; i++) {
        tamar_part one;
        size_t count;
        const tamar_part *parts = tamar__talk_parts(&rq->messages[i], &one, &count);
        tamar_str text;
        if (rq->messages[i].role != TAMAR_ROLE_SYSTEM) continue;
        text = tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &any);
        if (b.len && text.len) tamar__str_puts(&b, "\n\n");
        tamar__str_put(&b, text.ptr, text.len);
    }
    return tamar__dialect_aside(o, &b);
}

static void tamar__dialect_invoke_google(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_str system = tamar__dialect_system(o);
    tamar_message m;
    tamar_json outer = tamar__dialect_inner(o, "config");
    size_t i;
    if (rq->max_tokens > 0 && tamar__dialect_key(o, "max_output_tokens")) tamar_json_write_int(&o->w, rq->max_tokens);
    tamar__dialect_number(o, "temperature", rq->temperature, NULL);
    tamar__dialect_number(o, "top_p", rq->top_p, NULL);
    if (rq->top_k.set && tamar__dialect_key(o, "top_k")) tamar_json_write_int(&o->w, rq->top_k.value);
    tamar__dialect_number(o, "frequency_penalty", rq->frequency_penalty, NULL);
    tamar__dialect_number(o, "presence_penalty", rq->presence_penalty, NULL);
    if (rq->seed.set && tamar__dialect_key(o, "seed")) tamar_json_write_int(&o->w, rq->seed.value);
    if (rq->stop_count && tamar__dialect_key(o, "stop_sequences")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->stop_count; i++) tamar_json_write_string(&o->w, rq->stop[i], strlen(rq->stop[i]));
        tamar_json_write_end(&o->w);
    }
    if (rq->effort)
        tamar__talk_warn(o->notes, "effort", "through the gateway this vendor's reasoning is set by extra.config; "
                                             "the effort was left out");
    if (rq->format != TAMAR_FORMAT_TEXT && tamar__dialect_key(o, "response_mime_type"))
        tamar_json_write_string(&o->w, "application/json", 16);
    if (rq->format == TAMAR_FORMAT_SCHEMA && tamar__dialect_key(o, "response_json_schema"))
        tamar__dialect_raw(o, rq->schema);
    if (rq->tool_count && tamar__dialect_key(o, "tools")) {
        tamar_json_write_array(&o->w);
        tamar_json_write_object(&o->w);
        tamar_json_write_key(&o->w, "function_declarations");
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->tool_count; i++) {
            if (rq->tools[i].raw) {
                tamar__dialect_raw(o, rq->tools[i].raw);
                continue;
            }
            tamar_json_write_object(&o->w);
            tamar__dialect_z_member(o, "name", rq->tools[i].name);
            tamar__dialect_z_member(o, "description", rq->tools[i].description);
            if (rq->tools[i].parameters) {
                tamar_json_write_key(&o->w, "parameters_json_schema");
                tamar__dialect_raw(o, rq->tools[i].parameters);
            }
            tamar_json_write_end(&o->w);
        }
        tamar_json_write_end(&o->w);
        tamar_json_write_end(&o->w);
        tamar_json_write_end(&o->w);
    }
    if (rq->tool_choice > TAMAR_TOOL_CHOICE_AUTO || rq->parallel_tool_calls.set)
        tamar__talk_warn(o->notes, "unsupported",
                         "through the gateway this vendor takes no tool_choice and no parallel_tool_calls");
    if (system.len && tamar__dialect_key(o, "system_instruction"))
        tamar_json_write_string(&o->w, system.ptr, system.len);
    tamar__dialect_inner_end(o, outer);
    tamar__dialect_unknown(o, false, true);
    tamar__dialect_invoke_user(o);
    if (o->extra.ptr) tamar__dialect_extra_but(o, "messages,config,stream");
    if (!tamar__dialect_key(o, "contents")) return;
    tamar_json_write_array(&o->w);
    for (i = 0; i < rq->message_count; i++) tamar__dialect_invoke_content(o, &rq->messages[i]);
    memset(&m, 0, sizeof m);
    m.text = rq->prompt;
    if (rq->prompt) tamar__dialect_invoke_content(o, &m);
    tamar_json_write_end(&o->w);
}

// The rest of a chat behind its head, as the vendor's own library spells it.
static void tamar__dialect_invoke_chat(tamar__dialect_out *o, const tamar__dialect_invoke *v, bool batch)
{
    tamar_request rq = *o->rq;
    const tamar_request *whole = o->rq;
    const tamar__model_target *to = o->to;
    tamar_message *list = NULL;
    size_t i;
    if (v->google) {
        tamar__dialect_invoke_google(o);
        return;
    }
    rq.user = NULL;  // stands in user_context
    if (v->system_apart) {
        tamar_str system = tamar__dialect_system(o);
        if (system.len && tamar__dialect_key(o, "system")) tamar_json_write_string(&o->w, system.ptr, system.len);
        rq.system = NULL;
        rq.message_count = 0;
        if (whole->message_count)
            list = (tamar_message *)tamar__arena_get(o->arena, whole->message_count * sizeof *list);
        for (i = 0; list && i < whole->message_count; i++)
            if (whole->messages[i].role != TAMAR_ROLE_SYSTEM) list[rq.message_count++] = whole->messages[i];
        if (whole->message_count && !list) o->starved = true;
        rq.messages = list;
        if (!rq.max_tokens && v->to.profile->max_tokens) rq.max_tokens = v->to.profile->max_tokens;
        if (rq.tool_count)
            tamar__talk_warn(o->notes, "unsupported",
                             "through the gateway this vendor gets tools in the form of chat completions");
    }
    o->rq = &rq;
    o->to = &v->to;
    tamar__dialect_chat_members(o);
    o->rq = whole;
    if (!batch) tamar__dialect_invoke_user(o);
    if (o->extra.ptr) tamar__dialect_extra_but(o, batch ? "messages,stream,user_context" : "messages,stream");
    o->rq = &rq;
    tamar__dialect_chat_messages(o);
    o->rq = whole;
    o->to = to;
}

static void tamar__dialect_invoke_encode(tamar__dialect_out *o)
{
    tamar__dialect_invoke v;
    if (!tamar__dialect_invoke_plan(o, &v)) return;
    tamar_json_write_object(&o->w);
    tamar__dialect_invoke_head(o, &v);
    tamar__dialect_invoke_chat(o, &v, false);
    tamar_json_write_end(&o->w);
}

// One item for each of request.inputs: system and messages are the same for all, the input is the last user turn.
static void tamar__dialect_batch_encode(tamar__dialect_out *o)
{
    tamar__dialect_invoke v;
    const tamar_request *whole = o->rq;
    tamar_request rq = *whole;
    tamar_json extra = o->extra;
    size_t i, count = whole->input_count + (whole->prompt ? 1 : 0);
    char id[24];
    if (!tamar__dialect_invoke_plan(o, &v)) return;
    if (v.google) {
        o->refused = "request.model: batches through the gateway take the models of vendors that speak chat messages";
        return;
    }
    tamar_json_write_object(&o->w);
    tamar__dialect_invoke_user(o);
    if (o->extra.ptr && tamar_json_get(o->extra, "user_context").ptr) {
        tamar_json own = tamar_json_get(o->extra, "user_context");
        tamar_json_write_key(&o->w, "user_context");
        tamar_json_write_raw(&o->w, own.ptr, own.len);
    }
    tamar_json_write_key(&o->w, "items");
    tamar_json_write_array(&o->w);
    for (i = 0; i < count; i++) {
        tamar_json_writer number;
        tamar_str text;
        tamar_json_write_to(&number, id, sizeof id);
        tamar_json_write_uint(&number, i);
        tamar_json_writer_end(&number, &text);
        rq.prompt = i < whole->input_count ? whole->inputs[i] : whole->prompt;
        o->rq = &rq;
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, "custom_id", text);
        if (whole->priority && tamar__dialect_key(o, "priority")) tamar_json_write_int(&o->w, whole->priority);
        tamar__dialect_invoke_head(o, &v);
        tamar__dialect_invoke_chat(o, &v, true);
        tamar_json_write_end(&o->w);
        o->rq = whole;
    }
    o->extra = extra;
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

// Pictures: prompt, size, quality and n stand flat; Google's stand in config.
static void tamar__dialect_invoke_images(tamar__dialect_out *o)
{
    tamar__dialect_invoke v;
    const tamar_request *rq = o->rq;
    if (!tamar__dialect_invoke_plan(o, &v)) return;
    tamar_json_write_object(&o->w);
    tamar__dialect_invoke_head(o, &v);
    if (rq->message_count)
        tamar__talk_warn(o->notes, "unsupported", "through the gateway a picture is made from the prompt alone");
    if (v.google) {
        tamar_json outer = tamar__dialect_inner(o, "config");
        if (rq->image_count && tamar__dialect_key(o, "number_of_images")) tamar_json_write_int(&o->w, rq->image_count);
        if (rq->image_size && tamar__dialect_key(o, "aspect_ratio"))
            tamar_json_write_string(&o->w, rq->image_size, strlen(rq->image_size));
        tamar__dialect_inner_end(o, outer);
    }
    else {
        if (rq->image_size && tamar__dialect_key(o, "size"))
            tamar_json_write_string(&o->w, rq->image_size, strlen(rq->image_size));
        if (rq->image_quality && tamar__dialect_key(o, "quality"))
            tamar_json_write_string(&o->w, rq->image_quality, strlen(rq->image_quality));
        if (rq->image_count && tamar__dialect_key(o, "n")) tamar_json_write_int(&o->w, rq->image_count);
        if (rq->image_format && tamar__dialect_key(o, "output_format"))
            tamar_json_write_string(&o->w, rq->image_format, strlen(rq->image_format));
    }
    tamar__dialect_invoke_user(o);
    if (o->extra.ptr) tamar__dialect_extra_but(o, v.google ? "messages,stream,config" : "messages,stream");
    if (rq->prompt && tamar__dialect_key(o, "prompt")) tamar_json_write_string(&o->w, rq->prompt, strlen(rq->prompt));
    tamar_json_write_end(&o->w);
}

// -- tamar-invoke: answers -------------------------------------------------------------------------

static tamar_json tamar__dialect_either(tamar_json v, const char *one, const char *two, const char *three)
{
    tamar_json found = tamar_json_at(v, one);
    if (tamar__dialect_blank(found) && two) found = tamar_json_at(v, two);
    if (tamar__dialect_blank(found) && three) found = tamar_json_at(v, three);
    return found;
}

// Pictures in the vendor's answer, which the gateway hands on: OpenAI's data, Google's generated_images.
static void tamar__dialect_invoke_pictures(tamar__dialect_decoder *d, tamar_json raw)
{
    tamar_json list = tamar_json_get(raw, "data"), key, v, none;
    tamar_json_iter it = tamar_json_iterate(list);
    none.ptr = NULL, none.len = 0;
    while (tamar_json_type_of(list) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v)) {
        tamar__dialect_image_data(d, tamar_json_get(v, "b64_json"), none);
        tamar__dialect_image(d, tamar_json_get(v, "url"));
    }
    list = tamar_json_get(raw, "generated_images");
    it = tamar_json_iterate(list);
    while (tamar_json_type_of(list) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v))
        tamar__dialect_image_data(d, tamar_json_at(v, "image/image_bytes"), tamar_json_at(v, "image/mime_type"));
}

static void tamar__dialect_invoke_usage(tamar__dialect_decoder *d, tamar_json usage)
{
    tamar_json_reader r;
    tamar__dialect_counts counts;
    if (tamar_json_type_of(usage) != TAMAR_JSON_OBJECT) return;
    tamar_json_reader_begin(&r, usage.ptr, usage.len);
    tamar__dialect_usage_read(&r, &counts);
    tamar__dialect_chat_usage(d, &counts);
}

// One ModelResponse: a fragment of a stream, or all of it. What it does not say itself is looked up in raw_response.
static void tamar__dialect_invoke_object(tamar__dialect_decoder *d, tamar_json root, bool streaming)
{
    tamar_json content = tamar_json_get(root, "content"), raw = tamar_json_get(root, "raw_response"), calls, key, v;
    tamar_json_iter it;
    tamar_str id = tamar__str_make("", 0);
    if (tamar_json_type_of(raw) != TAMAR_JSON_OBJECT) raw.ptr = NULL, raw.len = 0;
    if (raw.ptr) {
        tamar__dialect_first_text(d, &d->id, tamar_json_get(raw, "id"));
        tamar__dialect_first_text(d, &d->model, tamar_json_get(raw, "model"));
        v = tamar_json_at(raw, streaming ? "choices/0/delta/reasoning_content"
                                         : "choices/0/message/reasoning_content");
        if (!tamar__dialect_blank(v)) tamar__dialect_append(d, TAMAR_PART_REASONING, v);
    }
    if (tamar_json_type_of(content) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_TEXT, content);
    else if (tamar_json_type_of(content) == TAMAR_JSON_OBJECT || tamar_json_type_of(content) == TAMAR_JSON_ARRAY)
        tamar__dialect_chat_parts(d, content);
    calls = tamar_json_get(root, "tool_calls");
    if (tamar_json_type_of(calls) != TAMAR_JSON_ARRAY && raw.ptr)
        calls = tamar_json_at(raw, streaming ? "choices/0/delta/tool_calls" : "choices/0/message/tool_calls");
    it = tamar_json_iterate(calls);
    while (tamar_json_type_of(calls) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v))
        tamar__dialect_chat_call(d, v, !streaming);
    v = tamar_json_get(root, "finish_reason");
    if (tamar__dialect_blank(v) && raw.ptr)
        v = tamar__dialect_either(raw, "choices/0/finish_reason", "stop_reason", "candidates/0/finish_reason");
    tamar__dialect_finish_word(d, v);
    tamar__dialect_invoke_usage(d, tamar_json_get(root, "usage"));
    if (raw.ptr) tamar__dialect_invoke_pictures(d, raw);
    v = tamar_json_get(root, "request_id");
    if (!d->error.request_id[0] && !tamar__dialect_blank(v)) {
        id = tamar__dialect_text(d, v);
        d->error.request_id = tamar__dialect_keep(d, id, 128);
        d->effects += 2;
    }
    tamar__dialect_vendor_error(d, root, false);  // 200 or not: an error that is not null is one
}

static void tamar__dialect_invoke_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_str text = tamar__str_trim(data);
    tamar_json root;
    if (!text.len) return;
    if (tamar__str_starts(text, "[DONE]")) {
        d->over = d->done = true;
        return;
    }
    if (!tamar__dialect_parse(d, text, true, &root)) return;
    if (tamar__str_is(event, "error") && tamar__dialect_vendor_error(d, root, true)) return;
    tamar__dialect_invoke_object(d, root, true);
}

static void tamar__dialect_invoke_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    tamar__dialect_invoke_object(d, root, false);
    d->done = true;
    if (d->error.category == TAMAR_OK && !tamar_json_get(root, "content").ptr && !tamar_json_get(root, "usage").ptr &&
        !tamar_json_get(root, "raw_response").ptr && !tamar__dialect_vendor_error(d, root, true))
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no ModelResponse: ", json);
}

// The elements of a list of answers; a wrapper that holds responses[] counts as those. out NULL: only counted.
static size_t tamar__dialect_batch_list(tamar_json list, tamar_json *out, size_t room)
{
    tamar_json_iter it = tamar_json_iterate(list), inner;
    tamar_json key, v, held;
    size_t n = 0;
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) return 0;
    while (tamar_json_next(&it, &key, &v)) {
        held = tamar_json_get(v, "responses");
        if (tamar_json_type_of(held) != TAMAR_JSON_ARRAY) {
            if (out && n < room) out[n] = v;
            n++;
            continue;
        }
        inner = tamar_json_iterate(held);
        while (tamar_json_next(&inner, &key, &v)) {
            if (out && n < room) out[n] = v;
            n++;
        }
    }
    return n;
}

// Where in the list this answer belongs: its custom_id is the number that it was sent under, else it came in order.
static size_t tamar__dialect_batch_place(tamar_json item, size_t order, size_t count)
{
    char text[24];
    uint64_t n;
    tamar_str id = tamar__dialect_short(tamar_json_get(item, "custom_id"), text, sizeof text);
    return id.len && tamar__str_uint(id, &n) && n < count ? (size_t)n : order;
}

// A part for each answer, in the order of the request: its text, and as opaque the whole ModelResponse (with its own
// usage, error and custom_id). All of them failed: that is the error.
static void tamar__dialect_batch_document(tamar__dialect_decoder *d, tamar_str json)
{
    static const char *const names[] = { "results", "responses", "items", NULL };
    tamar_json root, list, *came, *sorted, error;
    size_t i, count, failed = 0;
    tamar_usage sum, *u = &d->usage;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    d->done = true;
    memset(&sum, 0, sizeof sum);
    list = tamar_json_type_of(root) == TAMAR_JSON_ARRAY ? root : tamar__dialect_first(root, names);
    if (!list.ptr) list = tamar__dialect_first(tamar_json_get(root, "response"), names);
    count = tamar__dialect_batch_list(list, NULL, 0);
    if (!count) {
        if (!tamar__dialect_vendor_error(d, root, true))
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of answers: ", json);
        return;
    }
    came = (tamar_json *)tamar__arena_get(d->arena, count * sizeof *came);
    sorted = (tamar_json *)tamar__arena_get(d->arena, count * sizeof *sorted);
    if (!came || !sorted) {
        d->damaged = true;
        return;
    }
    tamar__dialect_batch_list(list, came, count);
    for (i = 0; i < count; i++) {
        size_t at = tamar__dialect_batch_place(came[i], i, count);
        if (sorted[at].ptr) break;  // two in one place: the ids are not ours
        sorted[at] = came[i];
    }
    if (i < count) memcpy(sorted, came, count * sizeof *came);
    for (i = 0; i < count && !d->damaged; i++) {
        tamar__dialect_piece *p = tamar__dialect_piece_add(d, TAMAR_PART_TEXT);
        tamar_json content = tamar_json_get(sorted[i], "content");
        char *copy = tamar__arena_copy(d->arena, sorted[i].ptr, sorted[i].len);
        if (!p || !copy) {
            d->damaged = true;
            return;
        }
        p->from = d->text.len;
        p->opaque = tamar__str_make(copy, sorted[i].len);
        if (tamar_json_type_of(content) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_TEXT, content);
        if (!tamar__json_flush(&d->text, &d->text_carry)) d->damaged = true;
        d->pieces[d->piece_count - 1].len = d->text.len - d->pieces[d->piece_count - 1].from;
        d->pieces[d->piece_count - 1].closed = true;
        error = tamar_json_get(sorted[i], "error");
        if (tamar_json_type_of(error) > TAMAR_JSON_NULL) failed++;
        tamar__dialect_invoke_usage(d, tamar_json_get(sorted[i], "usage"));
        if (u->input_tokens.set) sum.input_tokens.set = true, sum.input_tokens.value += u->input_tokens.value;
        if (u->output_tokens.set) sum.output_tokens.set = true, sum.output_tokens.value += u->output_tokens.value;
        if (u->total_tokens.set) sum.total_tokens.set = true, sum.total_tokens.value += u->total_tokens.value;
        memset(u, 0, sizeof *u);
    }
    d->usage = sum;
    d->committed = true;
    tamar__dialect_first_text(d, &d->id, tamar_json_get(root, "request_id"));
    if (failed == count) tamar__dialect_vendor_error(d, sorted[0], true);
    else if (failed)
        tamar__talk_warn(&d->notes, "batch",
                         "some answers of the batch failed: the opaque data of their parts says why");
}

#if !TAMAR_NO_NATIVE
// -- dashscope-native: requests --------------------------------------------------------------------

static void tamar__dialect_header_add(tamar__dialect_out *o, const char *name, const char *value)
{
    tamar_header *h = &o->headers[o->header_count++];
    h->name = tamar__str_z(name);
    h->value = tamar__str_z(value);
    h->secret = false;
}

static bool tamar__dialect_scope_media(const tamar_request *rq)
{
    size_t i, k;
    for (i = 0; i < rq->message_count; i++)
        for (k = 0; k < rq->messages[i].part_count; k++)
            if (rq->messages[i].parts[k].type >= TAMAR_PART_IMAGE && rq->messages[i].parts[k].type <= TAMAR_PART_FILE)
                return true;
    return false;
}

// Content as the endpoint for mixed models wants it, {"text":..} and {"image":..}, or as a plain string.
static void tamar__dialect_scope_content(tamar__dialect_out *o, const tamar_part *parts, size_t count, bool mixed)
{
    static const char *const names[] = { "text", "image", "audio", "video" };
    tamar_str url;
    size_t i;
    bool any;
    if (!mixed) {
        tamar__dialect_str_member(o, "content", tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &any));
        return;
    }
    tamar_json_write_key(&o->w, "content");
    tamar_json_write_array(&o->w);
    for (i = 0; i < count; i++) {
        if (parts[i].type == TAMAR_PART_FILE)
            tamar__talk_warn(o->notes, "unsupported", "this provider takes no files in a message; they were left out");
        if (parts[i].type > TAMAR_PART_VIDEO) continue;
        url = parts[i].type == TAMAR_PART_TEXT
                  ? parts[i].text
                  : tamar__dialect_media(o, &parts[i],
                                         parts[i].type == TAMAR_PART_IMAGE   ? tamar__dialect_image_mime(parts[i].data)
                                         : parts[i].type == TAMAR_PART_AUDIO ? "audio/wav"
                                                                             : "video/mp4");
        tamar_json_write_object(&o->w);
        tamar__dialect_str_member(o, names[parts[i].type], url);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_scope_message(tamar__dialect_out *o, const tamar_message *m, bool mixed)
{
    static const char *const roles[] = { "user", "system", "assistant", "user" };
    tamar_part one;
    size_t i, count, results = 0, calls = 0;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    if (m->name)
        tamar__talk_warn(o->notes, "unsupported", "this provider takes no names of speakers; they were left out");
    for (i = 0; i < count; i++) {
        tamar__dialect_cache_mark(o, &parts[i]);
        if (parts[i].type == TAMAR_PART_TOOL_CALL) calls++;
        if (parts[i].type != TAMAR_PART_TOOL_RESULT) continue;
        results++;
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "role", "tool");
        tamar__dialect_str_member(o, "tool_call_id", parts[i].id);
        tamar__dialect_str_member(o, "content", tamar__dialect_result_text(o, &parts[i]));
        tamar_json_write_end(&o->w);
    }
    if (results && results == count) return;
    if (m->role == TAMAR_ROLE_ASSISTANT) tamar__dialect_foreign(o, parts, count);
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "role", roles[m->role]);
    tamar__dialect_scope_content(o, parts, count, mixed);
    if (m->role == TAMAR_ROLE_ASSISTANT && calls) tamar__dialect_chat_tool_calls(o, parts, count);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_scope_parameters(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    const tamar_model_profile *profile = o->to->profile;
    tamar_json outer = tamar__dialect_inner(o, "parameters");
    size_t i;
    if (tamar__dialect_key(o, "result_format")) tamar_json_write_string(&o->w, "message", 7);
    if (rq->stream && tamar__dialect_key(o, "incremental_output")) tamar_json_write_bool(&o->w, true);
    if (rq->max_tokens > 0 && tamar__dialect_key(o, "max_tokens")) tamar_json_write_int(&o->w, rq->max_tokens);
    tamar__dialect_number(o, "temperature", rq->temperature, NULL);
    tamar__dialect_number(o, "top_p", rq->top_p, NULL);
    if (rq->top_k.set && tamar__dialect_key(o, "top_k")) tamar_json_write_int(&o->w, rq->top_k.value);
    tamar__dialect_number(o, "frequency_penalty", rq->frequency_penalty,
                          "this provider takes no frequency_penalty; it was left out");
    tamar__dialect_number(o, "presence_penalty", rq->presence_penalty, NULL);
    if (rq->seed.set && tamar__dialect_key(o, "seed")) tamar_json_write_int(&o->w, rq->seed.value);
    if (rq->stop_count && tamar__dialect_key(o, "stop")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->stop_count; i++) tamar_json_write_string(&o->w, rq->stop[i], strlen(rq->stop[i]));
        tamar_json_write_end(&o->w);
    }
    if (rq->effort != TAMAR_EFFORT_DEFAULT) {
        static const char *const words[] = { NULL, NULL, "low", "low", "medium", "high", "xhigh", "max" };
        bool levels = profile->efforts & ~(unsigned)TAMAR__MODEL_OFF;
        tamar_effort effort = levels && rq->effort != TAMAR_EFFORT_OFF ? tamar__dialect_effort(o) : rq->effort;
        if (tamar__dialect_key(o, "enable_thinking")) tamar_json_write_bool(&o->w, effort != TAMAR_EFFORT_OFF);
        if (levels && effort > TAMAR_EFFORT_OFF && tamar__dialect_key(o, "reasoning_effort"))
            tamar_json_write_string(&o->w, words[effort], strlen(words[effort]));
        else if (effort > TAMAR_EFFORT_OFF)
            tamar__talk_warn(o->notes, "effort", "this model reasons or it does not: the level was left out");
    }
    if (rq->logprobs.set && tamar__dialect_key(o, "logprobs")) tamar_json_write_bool(&o->w, rq->logprobs.value != 0);
    if (rq->top_logprobs.set && tamar__dialect_key(o, "top_logprobs"))
        tamar_json_write_int(&o->w, rq->top_logprobs.value);
    tamar__dialect_chat_tools(o);
    tamar__dialect_chat_format(o);
    tamar__dialect_inner_end(o, outer);
}

static void tamar__dialect_scope_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    bool mixed = o->to->profile->flags & TAMAR_MODEL_MIXED || tamar__dialect_scope_media(rq);
    tamar_json own = o->extra.ptr ? tamar_json_get(o->extra, "messages") : o->extra;
    tamar_message m;
    size_t i;
    if (mixed) o->path = "/services/aigc/multimodal-generation/generation";
    if (rq->stream) tamar__dialect_header_add(o, "X-DashScope-SSE", "enable");
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    tamar__dialect_scope_parameters(o);
    tamar__dialect_unknown(o, true, false);
    if (o->extra.ptr) tamar__dialect_extra_but(o, "messages,parameters");
    if (tamar__dialect_key(o, "input")) {
        tamar_json_write_object(&o->w);
        tamar_json_write_key(&o->w, "messages");
        if (own.ptr) tamar_json_write_raw(&o->w, own.ptr, own.len);
        else {
            tamar_json_write_array(&o->w);
            memset(&m, 0, sizeof m);
            m.role = TAMAR_ROLE_SYSTEM;
            m.text = tamar__dialect_schema_prompt(o, tamar__dialect_prompted_schema(o));
            if (m.text) tamar__dialect_scope_message(o, &m, mixed);
            for (i = 0; i < rq->message_count; i++) tamar__dialect_scope_message(o, &rq->messages[i], mixed);
            m.role = TAMAR_ROLE_USER;
            m.text = rq->prompt;
            if (rq->prompt) tamar__dialect_scope_message(o, &m, mixed);
            tamar_json_write_end(&o->w);
        }
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_scope_embed(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json outer;
    size_t i;
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    outer = tamar__dialect_inner(o, "parameters");
    if (rq->input_type && tamar__dialect_key(o, "text_type"))
        tamar_json_write_string(&o->w, rq->input_type, strlen(rq->input_type));
    if (rq->dimensions && tamar__dialect_key(o, "dimension")) tamar_json_write_int(&o->w, rq->dimensions);
    tamar__dialect_inner_end(o, outer);
    if (o->extra.ptr) tamar__dialect_extra_but(o, "parameters,input");
    tamar_json_write_key(&o->w, "input");
    tamar_json_write_object(&o->w);
    tamar_json_write_key(&o->w, "texts");
    tamar_json_write_array(&o->w);
    for (i = 0; i < rq->input_count; i++) tamar_json_write_string(&o->w, rq->inputs[i], strlen(rq->inputs[i]));
    if (rq->prompt) tamar_json_write_string(&o->w, rq->prompt, strlen(rq->prompt));
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

// Submits a picture: the answer's id is the task, its finish word the task's status, and there are no images yet. Ask
// for them with another request of the same kind: api "dashscope-task", the id as the model, an empty prompt.
static void tamar__dialect_scope_images(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json outer;
    tamar__dialect_header_add(o, "X-DashScope-Async", "enable");
    if (rq->message_count)
        tamar__talk_warn(o->notes, "unsupported",
                         "here a picture is made from the prompt alone; messages were left out");
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    outer = tamar__dialect_inner(o, "parameters");
    if (rq->image_size && tamar__dialect_key(o, "size")) {  // 1024x1024 is 1024*1024 here
        char *size = tamar__arena_copy(o->arena, rq->image_size, strlen(rq->image_size));
        if (!size) o->starved = true;
        else {
            size_t x = tamar__str_at(tamar__str_z(size), 'x');
            if (size[x]) size[x] = '*';
        }
        tamar_json_write_string(&o->w, size, size ? strlen(size) : 0);
    }
    if (rq->image_count && tamar__dialect_key(o, "n")) tamar_json_write_int(&o->w, rq->image_count);
    if (rq->seed.set && tamar__dialect_key(o, "seed")) tamar_json_write_int(&o->w, rq->seed.value);
    tamar__dialect_inner_end(o, outer);
    if (rq->image_quality || rq->image_format)
        tamar__talk_warn(o->notes, "unsupported", "this provider takes no quality and no format of a picture");
    outer = o->extra;
    if (o->extra.ptr) tamar__dialect_extra_but(o, "parameters,input");
    outer = tamar__dialect_inner(o, "input");
    if (rq->prompt && tamar__dialect_key(o, "prompt")) tamar_json_write_string(&o->w, rq->prompt, strlen(rq->prompt));
    tamar__dialect_inner_end(o, outer);
    tamar_json_write_end(&o->w);
}

// -- dashscope-native: answers ---------------------------------------------------------------------
// Unless incremental_output was asked for, each record repeats all text so far. The record does not say which way it
// is, the text does: a second record that begins with the first is held until a third one tells.

enum { TAMAR__DIALECT_SCOPE_UNKNOWN, TAMAR__DIALECT_SCOPE_DELTAS, TAMAR__DIALECT_SCOPE_WHOLE };

typedef struct tamar__dialect_scope {
    int mode;
    tamar_str held[2];  // text, reasoning
    tamar__str_buf said[2];  // all of them so far, until it is known that records bring deltas
    tamar__str_buf scratch;  // what the string in hand says
} tamar__dialect_scope;

// What a JSON string says, until the next one is asked. False: memory is out.
static bool tamar__dialect_scope_read(tamar__dialect_decoder *d, tamar__dialect_scope *s, tamar_json v, tamar_str *text)
{
    tamar__json_carry carry;
    memset(&carry, 0, sizeof carry);
    if (!s->scratch.max) {
        tamar__str_init(&s->scratch, d->arena, SIZE_MAX / 2);
        tamar__str_init(&s->said[0], d->arena, SIZE_MAX / 2);
        tamar__str_init(&s->said[1], d->arena, SIZE_MAX / 2);
    }
    s->scratch.len = 0;
    if (!tamar__json_append(&s->scratch, v, &carry) || !tamar__json_flush(&s->scratch, &carry)) d->damaged = true;
    *text = tamar__str_view(&s->scratch);
    return !d->damaged;
}

static bool tamar__dialect_begins(tamar_str text, tamar_str with)
{
    return with.len <= text.len && (!with.len || !memcmp(text.ptr, with.ptr, with.len));
}

static void tamar__dialect_scope_rest(tamar__dialect_decoder *d, tamar__dialect_scope *s, tamar_part_type type,
                                      tamar_str text, size_t from)
{
    tamar_json rest;
    if (from >= text.len) return;
    if (s->mode != TAMAR__DIALECT_SCOPE_DELTAS &&
        !tamar__str_put(&s->said[type == TAMAR_PART_REASONING], text.ptr + from, text.len - from))
        d->damaged = true;
    rest.ptr = text.ptr + from;
    rest.len = text.len - from;
    tamar__dialect_append_raw(d, type, rest);
}

static void tamar__dialect_scope_text(tamar__dialect_decoder *d, tamar__dialect_scope *s, tamar_part_type type,
                                      tamar_json v)
{
    tamar_str *held = &s->held[type == TAMAR_PART_REASONING];
    tamar_str had = tamar__str_view(&s->said[type == TAMAR_PART_REASONING]), text;
    if (tamar_json_type_of(v) != TAMAR_JSON_STRING) return;
    d->effects += 2;
    if (s->mode == TAMAR__DIALECT_SCOPE_DELTAS || (v.len <= 2 && !held->len)) {
        tamar__dialect_append(d, type, v);
        return;
    }
    if (!tamar__dialect_scope_read(d, s, v, &text)) return;
    if (s->mode == TAMAR__DIALECT_SCOPE_UNKNOWN) {
        if (!had.len) {
            tamar__dialect_scope_rest(d, s, type, text, 0);
            return;
        }
        if (!held->len && tamar__dialect_begins(text, had)) {
            char *copy = tamar__arena_copy(d->arena, text.ptr, text.len);
            if (copy) *held = tamar__str_make(copy, text.len);
            else d->damaged = true;
            return;
        }
        if (held->len && text.len && tamar__dialect_begins(text, *held)) s->mode = TAMAR__DIALECT_SCOPE_WHOLE;
        else {
            s->mode = TAMAR__DIALECT_SCOPE_DELTAS;
            if (held->len) tamar__dialect_scope_rest(d, s, type, *held, 0);
            tamar__dialect_append(d, type, v);
        }
        held->len = 0;
    }
    if (s->mode == TAMAR__DIALECT_SCOPE_WHOLE) {
        if (tamar__dialect_begins(text, had)) tamar__dialect_scope_rest(d, s, type, text, had.len);
        else if (!tamar__dialect_begins(had, text))
            tamar__talk_warn(&d->notes, "rewritten",
                             "the server changed text that it had sent; what came first was kept");
    }
}

// The last record has come: what is still held was its text, whole.
static void tamar__dialect_scope_settle(tamar__dialect_decoder *d, tamar__dialect_scope *s)
{
    int i;
    for (i = 0; i < 2; i++) {
        tamar_part_type type = i ? TAMAR_PART_REASONING : TAMAR_PART_TEXT;
        tamar_str held = s->held[i];
        s->held[i].len = 0;
        tamar__dialect_scope_rest(d, s, type, held, s->said[i].len);
    }
}

static void tamar__dialect_scope_call(tamar__dialect_decoder *d, tamar__dialect_scope *s, tamar_json call)
{
    tamar_json function = tamar_json_get(call, "function"), arguments = tamar_json_get(function, "arguments");
    tamar_json id = tamar_json_get(call, "id"), name = tamar_json_get(function, "name");
    tamar__dialect_call *c;
    tamar_str text, had;
    int64_t index = -1;
    if (tamar_json_type_of(call) != TAMAR_JSON_OBJECT) return;
    d->effects += 2;
    if (!tamar__json_lenient_int(tamar_json_get(call, "index"), &index) || index < 0) index = -1;
    c = tamar__dialect_chat_find(d, id, name, index);
    if (!c) return;
    tamar__dialect_first_text(d, &c->id, id);
    tamar__dialect_first_text(d, &c->name, name);
    had = tamar__str_view(&c->arguments);
    if (tamar_json_type_of(arguments) != TAMAR_JSON_STRING || s->mode == TAMAR__DIALECT_SCOPE_DELTAS || had.len < 2) {
        tamar__dialect_chat_arguments(d, c, arguments);
        return;
    }
    if (!tamar__dialect_scope_read(d, s, arguments, &text)) return;
    // No JSON object goes on with its own beginning.
    if (tamar__dialect_begins(text, had)) {
        s->mode = TAMAR__DIALECT_SCOPE_WHOLE;
        if (!tamar__json_append_bytes(&c->arguments, text.ptr + had.len, text.len - had.len, &c->carry))
            d->damaged = true;
    }
    else if (s->mode != TAMAR__DIALECT_SCOPE_WHOLE || !tamar__dialect_begins(had, text))
        tamar__dialect_chat_arguments(d, c, arguments);
}

static void tamar__dialect_scope_message_in(tamar__dialect_decoder *d, tamar__dialect_scope *s, tamar_json message)
{
    tamar_json content = tamar_json_get(message, "content"), calls = tamar_json_get(message, "tool_calls"), key, v;
    tamar_json_iter it = tamar_json_iterate(content);
    tamar__dialect_scope_text(d, s, TAMAR_PART_REASONING, tamar_json_get(message, "reasoning_content"));
    tamar__dialect_scope_text(d, s, TAMAR_PART_TEXT, content);
    while (tamar_json_type_of(content) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v)) {
        tamar__dialect_scope_text(d, s, TAMAR_PART_TEXT, tamar_json_get(v, "text"));
        tamar__dialect_image(d, tamar_json_get(v, "image"));
    }
    it = tamar_json_iterate(calls);
    while (tamar_json_type_of(calls) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v))
        tamar__dialect_scope_call(d, s, v);
}

static void tamar__dialect_scope_object(tamar__dialect_decoder *d, tamar_json root)
{
    tamar__dialect_scope *s = (tamar__dialect_scope *)tamar__dialect_own(d, sizeof *s);
    tamar_json output = tamar_json_get(root, "output"), message, reason, list, key, v;
    tamar_json_iter it;
    if (!s) return;
    if (tamar_json_type_of(output) != TAMAR_JSON_OBJECT) output = root;  // some send what stands in it by itself
    tamar__dialect_first_text(d, &d->id, tamar_json_get(root, "request_id"));
    tamar__dialect_first_text(d, &d->model, tamar_json_get(root, "model"));
    if (d->id.len && !d->error.request_id[0]) d->error.request_id = d->id.ptr;
    message = tamar_json_at(output, "choices/0/message");
    reason = tamar_json_at(output, "choices/0/finish_reason");
    if (tamar_json_type_of(message) == TAMAR_JSON_OBJECT) tamar__dialect_scope_message_in(d, s, message);
    else {  // without result_format message
        tamar__dialect_scope_text(d, s, TAMAR_PART_TEXT, tamar_json_get(output, "text"));
        reason = tamar_json_get(output, "finish_reason");
    }
    list = tamar_json_at(output, "search_info/search_results");
    it = tamar_json_iterate(list);
    while (tamar_json_type_of(list) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v))
        tamar__dialect_cite(d, tamar_json_get(v, "url"), tamar_json_get(v, "title"));
    tamar__dialect_invoke_usage(d, tamar_json_get(root, "usage"));
    if (!tamar__dialect_blank(reason) && !tamar_json_is(reason, "null")) {
        tamar__dialect_scope_settle(d, s);
        tamar__dialect_finish_word(d, reason);
    }
}

// {"code","message","request_id"} beside no output, whatever the status says.
static bool tamar__dialect_scope_refused(tamar__dialect_decoder *d, tamar_json root, bool named)
{
    tamar_json code = tamar_json_get(root, "code");
    bool answer = tamar_json_type_of(tamar_json_get(root, "output")) == TAMAR_JSON_OBJECT;
    if (!named && (tamar__dialect_blank(code) || answer) && !tamar_json_get(root, "error").ptr) return false;
    if (!d->error.request_id[0])
        d->error.request_id =
            tamar__dialect_keep(d, tamar__dialect_text(d, tamar_json_get(root, "request_id")), 128);
    return tamar__dialect_vendor_error(d, root, named || !tamar__dialect_blank(code));
}

static void tamar__dialect_scope_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_json root;
    if (!tamar__str_trim(data).len) return;
    if (!tamar__dialect_parse(d, data, true, &root)) return;
    if (tamar__dialect_scope_refused(d, root, tamar__str_is(event, "error"))) return;
    tamar__dialect_scope_object(d, root);
}

static void tamar__dialect_scope_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    d->done = true;
    if (tamar__dialect_scope_refused(d, root, false)) return;
    tamar__dialect_scope_object(d, root);
    if (d->error.category == TAMAR_OK && !d->damaged && !d->committed && !d->finish_raw.len &&
        tamar_json_type_of(tamar_json_get(root, "output")) != TAMAR_JSON_OBJECT &&
        !tamar_json_get(root, "choices").ptr && !tamar__dialect_vendor_error(d, root, true))
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no chat answer: ", json);
}

static void tamar__dialect_scope_vectors(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root, list, key, v;
    tamar_json_iter it;
    bool good = true;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    d->done = true;
    if (tamar__dialect_scope_refused(d, root, false)) return;
    list = tamar_json_at(root, "output/embeddings");
    it = tamar_json_iterate(list);
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) good = false;
    while (good && tamar_json_next(&it, &key, &v)) good = tamar__dialect_embedding(d, tamar_json_get(v, "embedding"));
    tamar__dialect_first_text(d, &d->id, tamar_json_get(root, "request_id"));
    tamar__dialect_count(d, &d->usage.input_tokens, tamar_json_at(root, "usage/total_tokens"));
    tamar__dialect_count(d, &d->usage.total_tokens, tamar_json_at(root, "usage/total_tokens"));
    if (!good && !tamar__dialect_vendor_error(d, root, true))
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of embeddings: ", json);
}

// A task, just submitted or asked for.
static void tamar__dialect_scope_task(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root, output, status, list, key, v;
    tamar_json_iter it;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    d->done = true;
    if (tamar__dialect_scope_refused(d, root, false)) return;
    output = tamar_json_get(root, "output");
    status = tamar_json_get(output, "task_status");
    if (tamar__dialect_blank(status)) {
        if (!tamar__dialect_vendor_error(d, root, true))
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no task: ", json);
        return;
    }
    tamar__dialect_first_text(d, &d->id, tamar_json_get(output, "task_id"));
    tamar__dialect_finish_word(d, status);
    d->error.request_id = tamar__dialect_keep(d, tamar__dialect_text(d, tamar_json_get(root, "request_id")), 128);
    list = tamar_json_get(output, "results");
    it = tamar_json_iterate(list);
    while (tamar_json_type_of(list) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v)) {
        tamar__dialect_image(d, tamar_json_get(v, "url"));
        if (!tamar__dialect_blank(tamar_json_get(v, "code")))
            tamar__talk_warn(&d->notes, "images", "the vendor could not make every picture that was asked for");
    }
    if (tamar_json_is(status, "FAILED") || tamar_json_is(status, "CANCELED") || tamar_json_is(status, "UNKNOWN"))
        tamar__dialect_vendor_error_in(d, output, root, false);
}

// -- hunyuan-native: requests ----------------------------------------------------------------------

static void tamar__dialect_hunyuan_call(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_json_write_object(&o->w);
    tamar__dialect_str_member(o, "Id", p->id);
    tamar__dialect_z_member(o, "Type", "function");
    tamar_json_write_key(&o->w, "Function");
    tamar_json_write_object(&o->w);
    tamar__dialect_str_member(o, "Name", p->name);
    tamar__dialect_str_member(o, "Arguments", p->text.len ? p->text : tamar__str_z("{}"));
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_hunyuan_message(tamar__dialect_out *o, const tamar_message *m)
{
    static const char *const roles[] = { "user", "system", "assistant", "user" };
    tamar_part one;
    size_t i, count, results = 0, calls = 0, images = 0;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    bool any;
    if (m->name)
        tamar__talk_warn(o->notes, "unsupported", "this provider takes no names of speakers; they were left out");
    for (i = 0; i < count; i++) {
        tamar__dialect_cache_mark(o, &parts[i]);
        if (parts[i].type == TAMAR_PART_IMAGE && m->role != TAMAR_ROLE_ASSISTANT) images++;
        if (parts[i].type > TAMAR_PART_IMAGE && parts[i].type <= TAMAR_PART_FILE)
            tamar__talk_warn(o->notes, "unsupported",
                             "hunyuan-native takes text and pictures only; audio, video and files were left out");
        if (parts[i].type == TAMAR_PART_TOOL_CALL) calls++;
        if (parts[i].type != TAMAR_PART_TOOL_RESULT) continue;
        results++;
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "Role", "tool");
        tamar__dialect_str_member(o, "Content", tamar__dialect_result_text(o, &parts[i]));
        tamar__dialect_str_member(o, "ToolCallId", parts[i].id);
        tamar_json_write_end(&o->w);
    }
    if (results && results == count) return;
    if (m->role == TAMAR_ROLE_ASSISTANT) tamar__dialect_foreign(o, parts, count);
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "Role", roles[m->role]);
    if (images) {
        tamar_json_write_key(&o->w, "Contents");
        tamar_json_write_array(&o->w);
        for (i = 0; i < count; i++) {
            if (parts[i].type > TAMAR_PART_IMAGE) continue;
            tamar_json_write_object(&o->w);
            tamar__dialect_z_member(o, "Type", parts[i].type == TAMAR_PART_IMAGE ? "image_url" : "text");
            if (parts[i].type == TAMAR_PART_IMAGE) {
                tamar_json_write_key(&o->w, "ImageUrl");
                tamar_json_write_object(&o->w);
                tamar__dialect_str_member(o, "Url", tamar__dialect_media(o, &parts[i],
                                                                         tamar__dialect_image_mime(parts[i].data)));
                tamar_json_write_end(&o->w);
            }
            else tamar__dialect_str_member(o, "Text", parts[i].text);
            tamar_json_write_end(&o->w);
        }
        tamar_json_write_end(&o->w);
    }
    else tamar__dialect_str_member(o, "Content", tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &any));
    if (calls && m->role == TAMAR_ROLE_ASSISTANT) {
        tamar_json_write_key(&o->w, "ToolCalls");
        tamar_json_write_array(&o->w);
        for (i = 0; i < count; i++)
            if (parts[i].type == TAMAR_PART_TOOL_CALL) tamar__dialect_hunyuan_call(o, &parts[i]);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_hunyuan_tool(tamar__dialect_out *o, const tamar_tool *t)
{
    const char *parameters = t->parameters ? t->parameters : "{\"type\":\"object\",\"properties\":{}}";
    if (t->raw) {
        tamar__dialect_raw(o, t->raw);
        return;
    }
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "Type", "function");
    tamar_json_write_key(&o->w, "Function");
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "Name", t->name);
    tamar__dialect_z_member(o, "Description", t->description);
    tamar__dialect_z_member(o, "Parameters", parameters);  // the schema as text
    tamar_json_write_end(&o->w);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_hunyuan_tools(tamar__dialect_out *o)
{
    static const char *const words[] = { NULL, "auto", "none", "auto", "custom" };
    const tamar_request *rq = o->rq;
    size_t i;
    if (!rq->tool_count) return;
    if (tamar__dialect_key(o, "Tools")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->tool_count; i++) tamar__dialect_hunyuan_tool(o, &rq->tools[i]);
        tamar_json_write_end(&o->w);
    }
    if (rq->tool_choice == TAMAR_TOOL_CHOICE_REQUIRED)
        tamar__talk_warn(o->notes, "unsupported", "this provider has no tool_choice required; auto was sent");
    if (rq->tool_choice != TAMAR_TOOL_CHOICE_DEFAULT && tamar__dialect_key(o, "ToolChoice"))
        tamar_json_write_string(&o->w, words[rq->tool_choice], strlen(words[rq->tool_choice]));
    for (i = 0; rq->tool_choice == TAMAR_TOOL_CHOICE_NAMED && i < rq->tool_count; i++)
        if (rq->tools[i].name && !strcmp(rq->tools[i].name, rq->tool_name) && tamar__dialect_key(o, "CustomTool"))
            tamar__dialect_hunyuan_tool(o, &rq->tools[i]);
    if (rq->parallel_tool_calls.set)
        tamar__talk_warn(o->notes, "unsupported", "this provider has no parallel_tool_calls; it was left out");
}

static void tamar__dialect_hunyuan_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_message m;
    size_t i;
    tamar__dialect_header_add(o, "X-TC-Action", "ChatCompletions");
    tamar__dialect_header_add(o, "X-TC-Version", "2023-09-01");
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "Model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    tamar_json_write_key(&o->w, "Stream");
    tamar_json_write_bool(&o->w, rq->stream);
    tamar__dialect_number(o, "Temperature", rq->temperature, NULL);
    tamar__dialect_number(o, "TopP", rq->top_p, NULL);
    if (rq->seed.set && tamar__dialect_key(o, "Seed")) tamar_json_write_int(&o->w, rq->seed.value);
    if (rq->stop_count && tamar__dialect_key(o, "Stop")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->stop_count; i++) tamar_json_write_string(&o->w, rq->stop[i], strlen(rq->stop[i]));
        tamar_json_write_end(&o->w);
    }
    if (rq->effort != TAMAR_EFFORT_DEFAULT) {
        if (tamar__dialect_key(o, "EnableThinking")) tamar_json_write_bool(&o->w, rq->effort != TAMAR_EFFORT_OFF);
        if (rq->effort != TAMAR_EFFORT_OFF)
            tamar__talk_warn(o->notes, "effort", "this model reasons or it does not: the level was left out");
    }
    if (rq->max_tokens || rq->top_k.set || rq->frequency_penalty.set || rq->presence_penalty.set)
        tamar__talk_warn(o->notes, "unsupported",
                         "this provider takes none of max_tokens, top_k and penalties; they were left out");
    if (rq->format != TAMAR_FORMAT_TEXT)
        tamar__talk_warn(o->notes, "schema",
                         rq->format == TAMAR_FORMAT_SCHEMA
                             ? "this provider cannot enforce a schema; the system text asks for it"
                             : "this provider cannot be made to answer with JSON: ask for it in the text");
    tamar__dialect_unknown(o, true, true);
    tamar__dialect_hunyuan_tools(o);
    if (o->extra.ptr) tamar__dialect_extra_but(o, "messages,Stream");
    if (tamar__dialect_key(o, "Messages")) {
        tamar_json_write_array(&o->w);
        memset(&m, 0, sizeof m);
        m.role = TAMAR_ROLE_SYSTEM;
        m.text = tamar__dialect_schema_prompt(o, tamar__dialect_prompted_schema(o));
        if (m.text) tamar__dialect_hunyuan_message(o, &m);
        for (i = 0; i < rq->message_count; i++) tamar__dialect_hunyuan_message(o, &rq->messages[i]);
        m.role = TAMAR_ROLE_USER;
        m.text = rq->prompt;
        if (rq->prompt) tamar__dialect_hunyuan_message(o, &m);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// -- hunyuan-native: answers -----------------------------------------------------------------------

// An error whose members have names of their own.
static void tamar__dialect_refused(tamar__dialect_decoder *d, tamar_json code, tamar_json message)
{
    char text[128];
    tamar_str word = tamar__dialect_short(code, text, sizeof text), why = tamar__dialect_text(d, message);
    const char *words = tamar__dialect_keep(d, tamar__str_trim(why), 4096);
    tamar_category category = tamar__policy_classify(d->status < 400 ? 0 : d->status, word, tamar__str_make("", 0), why,
                                                     tamar__dialect_hint(d));
    d->error.code = tamar__dialect_word(d, code);
    tamar__dialect_fail(d, category, *words ? words : "the server refused the request and gave no reason");
}

static void tamar__dialect_hunyuan_call_in(tamar__dialect_decoder *d, tamar_json call, bool whole)
{
    tamar_json id = tamar_json_get(call, "Id"), name = tamar_json_at(call, "Function/Name");
    tamar__dialect_call *c;
    int64_t index = -1;
    d->effects += 2;
    if (tamar_json_type_of(call) != TAMAR_JSON_OBJECT) return;
    if (!tamar__json_lenient_int(tamar_json_get(call, "Index"), &index) || index < 0) index = -1;
    c = whole ? tamar__dialect_call_add(d, index) : tamar__dialect_chat_find(d, id, name, index);
    if (!c) return;
    tamar__dialect_first_text(d, &c->id, id);
    tamar__dialect_first_text(d, &c->name, name);
    tamar__dialect_chat_arguments(d, c, tamar_json_at(call, "Function/Arguments"));
}

// A frame of a stream stands by itself, a whole answer in Response. A failure is HTTP 200 too.
static void tamar__dialect_hunyuan_object(tamar__dialect_decoder *d, tamar_json root, bool streaming)
{
    tamar_json inner = tamar_json_get(root, "Response"), message, calls, error, list, key, v;
    tamar_json_iter it;
    int64_t seconds;
    if (tamar_json_type_of(inner) == TAMAR_JSON_OBJECT) root = inner;
    message = tamar_json_at(root, streaming ? "Choices/0/Delta" : "Choices/0/Message");
    if (!message.ptr) message = tamar_json_at(root, streaming ? "Choices/0/Message" : "Choices/0/Delta");
    tamar__dialect_first_text(d, &d->id, tamar_json_get(root, "Id"));
    if (!d->created && tamar__json_lenient_int(tamar_json_get(root, "Created"), &seconds) && seconds > 0)
        d->created = seconds, d->effects += 2;
    v = tamar_json_get(message, "ReasoningContent");
    if (tamar_json_type_of(v) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_REASONING, v);
    v = tamar_json_get(message, "Content");
    if (tamar_json_type_of(v) == TAMAR_JSON_STRING) tamar__dialect_append(d, TAMAR_PART_TEXT, v);
    calls = tamar_json_get(message, "ToolCalls");
    it = tamar_json_iterate(calls);
    while (tamar_json_type_of(calls) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v))
        tamar__dialect_hunyuan_call_in(d, v, !streaming);
    list = tamar_json_at(root, "SearchInfo/SearchResults");
    it = tamar_json_iterate(list);
    while (tamar_json_type_of(list) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &v))
        tamar__dialect_cite(d, tamar_json_get(v, "Url"), tamar_json_get(v, "Title"));
    tamar__dialect_count(d, &d->usage.input_tokens, tamar_json_at(root, "Usage/PromptTokens"));
    tamar__dialect_count(d, &d->usage.output_tokens, tamar_json_at(root, "Usage/CompletionTokens"));
    tamar__dialect_count(d, &d->usage.total_tokens, tamar_json_at(root, "Usage/TotalTokens"));
    tamar__dialect_finish_word(d, tamar_json_at(root, "Choices/0/FinishReason"));
    v = tamar_json_get(root, "RequestId");
    if (!d->error.request_id[0] && !tamar__dialect_blank(v)) {
        d->error.request_id = tamar__dialect_keep(d, tamar__dialect_text(d, v), 128);
        d->effects += 2;
    }
    error = tamar_json_get(root, "Error");
    if (tamar_json_type_of(error) == TAMAR_JSON_OBJECT)
        tamar__dialect_refused(d, tamar_json_get(error, "Code"), tamar_json_get(error, "Message"));
    error = tamar_json_get(root, "ErrorMsg");
    if (tamar_json_type_of(error) == TAMAR_JSON_OBJECT)
        tamar__dialect_refused(d, tamar_json_get(error, "Code"), tamar_json_get(error, "Msg"));
    if (d->error.category == TAMAR_OK && !tamar_json_get(root, "Choices").ptr)
        tamar__dialect_vendor_error(d, root, true);
}

static void tamar__dialect_hunyuan_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_json root;
    tamar_str text = tamar__str_trim(data);
    (void)event;
    if (!text.len || tamar__str_starts(text, "[DONE]")) return;
    if (tamar__dialect_parse(d, text, true, &root)) tamar__dialect_hunyuan_object(d, root, true);
}

static void tamar__dialect_hunyuan_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json root;
    if (!tamar__dialect_parse(d, json, false, &root)) return;
    tamar__dialect_hunyuan_object(d, root, false);
    d->done = true;
    if (d->error.category == TAMAR_OK && !d->damaged && !d->committed && !d->finish_raw.len && !d->id.len)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no chat answer: ", json);
}
#endif

// -- what OpenAI's other calls share ---------------------------------------------------------------

static bool tamar__dialect_parsed(tamar__dialect_decoder *d, tamar_str json, tamar_json *v)
{
    tamar_json_error why;
    if (tamar_json_parse(json.ptr, json.len, v, &why)) return true;
    if (why.status == TAMAR_JSON_TOO_DEEP)
        tamar__dialect_fail(d, TAMAR_LIMIT, "the answer's JSON is nested deeper than 64 levels");
    else if (why.status == TAMAR_JSON_TRUNCATED)
        tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
    else tamar__dialect_fail_with(d, TAMAR_PARSE, "the answer is not valid JSON: ", json);
    return false;
}

static void tamar__dialect_usage_of(tamar__dialect_decoder *d, tamar_json usage)
{
    tamar__dialect_counts counts;
    tamar_json_reader r;
    if (tamar_json_type_of(usage) != TAMAR_JSON_OBJECT || !tamar_json_count(usage)) return;
    tamar_json_reader_begin(&r, usage.ptr, usage.len);
    tamar__dialect_usage_read(&r, &counts);
    tamar__dialect_chat_usage(d, &counts);
}

// What kind of picture this base64 is: as it was said to be, else as it begins.
static const char *tamar__dialect_base64_mime(tamar_str data, tamar_json said)
{
    static const char *const known[][3] = {
        { "png", "iVBOR", "image/png" },  { "jpeg", "/9j/", "image/jpeg" },    { "jpg", "/9j/", "image/jpeg" },
        { "webp", "UklGR", "image/webp" }, { "gif", "R0lGOD", "image/gif" }, { "svg", "PHN2Zy", "image/svg+xml" },
    };
    size_t i;
    for (i = 0; i < sizeof known / sizeof *known; i++)
        if (tamar_json_is(said, known[i][0])) return known[i][2];
    for (i = 0; i < sizeof known / sizeof *known; i++)
        if (tamar__str_starts(data, known[i][1])) return known[i][2];
    return "image/png";
}

// -- openai-responses: requests --------------------------------------------------------------------

#define TAMAR__DIALECT_RESPONSES "openai-responses"

// What of a part's opaque data this dialect wrote itself: an item of an answer.
static bool tamar__dialect_responses_own_item(const tamar_part *p, tamar_json *item)
{
    return p->opaque.len && tamar__str_is(p->origin, TAMAR__DIALECT_RESPONSES) &&
           tamar_json_parse(p->opaque.ptr, p->opaque.len, item, NULL);
}

// May the vendor keep the answer? Not unless the request says so.
static bool tamar__dialect_responses_stored(const tamar__dialect_out *o)
{
    tamar_json own = o->extra.ptr ? tamar_json_get(o->extra, "store") : o->extra;
    if (own.ptr) return *own.ptr == 't';
    return o->rq->store.set && o->rq->store.value;
}

static void tamar__dialect_responses_image(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_str url = tamar__dialect_media(o, p, tamar__dialect_image_mime(p->data));
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", "input_image");
    if (url.len) tamar__dialect_str_member(o, "image_url", url);
    else tamar__dialect_str_member(o, "file_id", p->id);
    tamar__dialect_str_member(o, "detail", p->detail.len ? p->detail : tamar__str_z("auto"));
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_responses_file(tamar__dialect_out *o, const tamar_part *p)
{
    tamar_str url = tamar__dialect_media(o, p, "application/pdf");
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", "input_file");
    if (p->id.len) tamar__dialect_str_member(o, "file_id", p->id);
    else if (!tamar__str_starts(url, "data:")) tamar__dialect_str_member(o, "file_url", url);
    else {
        tamar__dialect_str_member(o, "filename", p->name.len ? p->name : tamar__str_z("file.pdf"));
        tamar__dialect_str_member(o, "file_data", url);
    }
    tamar_json_write_end(&o->w);
}

// Can this part go into the content of a message? Says why where it cannot.
static bool tamar__dialect_responses_takes(tamar__dialect_out *o, const tamar_part *p)
{
    switch (p->type) {
    case TAMAR_PART_TEXT: case TAMAR_PART_IMAGE: case TAMAR_PART_FILE: return true;
    case TAMAR_PART_AUDIO: case TAMAR_PART_VIDEO:
        tamar__talk_warn(o->notes, "unsupported",
                         "the Responses API takes neither audio nor video; it was left out (audio: request.api "
                         "\"openai-chat\")");
        return false;
    case TAMAR_PART_OPAQUE:
        if (tamar__str_is(p->origin, TAMAR__DIALECT_RESPONSES)) return true;
        tamar__talk_warn(o->notes, "dropped", "a part that belongs to another vendor was left out");
        return false;
    default: return false;
    }
}

static void tamar__dialect_responses_text(tamar__dialect_out *o, const char *type, const char *key, tamar_str text)
{
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", type);
    tamar__dialect_str_member(o, key, text);
    tamar_json_write_end(&o->w);
}

// A turn of anyone but the assistant: what tools said first, each an item of its own, then the message.
static void tamar__dialect_responses_said(tamar__dialect_out *o, const tamar_message *m, const tamar_part *parts,
                                          size_t count)
{
    size_t i, content = 0;
    bool plain = true, any;
    for (i = 0; i < count; i++)
        if (parts[i].type != TAMAR_PART_TOOL_RESULT && tamar__dialect_responses_takes(o, &parts[i])) {
            content++;
            if (parts[i].type != TAMAR_PART_TEXT) plain = false;
        }
    if (!content && (m->role == TAMAR_ROLE_TOOL || count)) return;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", "message");
    tamar__dialect_z_member(o, "role", m->role == TAMAR_ROLE_SYSTEM ? tamar__dialect_system_role(o) : "user");
    if (plain && content <= 1)
        tamar__dialect_str_member(o, "content", tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &any));
    else {
        tamar_json_write_key(&o->w, "content");
        tamar_json_write_array(&o->w);
        for (i = 0; i < count; i++) {
            const tamar_part *p = &parts[i];
            if (!tamar__dialect_responses_takes(o, p)) continue;
            if (p->type == TAMAR_PART_IMAGE) tamar__dialect_responses_image(o, p);
            else if (p->type == TAMAR_PART_FILE) tamar__dialect_responses_file(o, p);
            else if (p->type == TAMAR_PART_OPAQUE) tamar_json_write_raw(&o->w, p->opaque.ptr, p->opaque.len);
            else tamar__dialect_responses_text(o, "input_text", "text", p->text);
        }
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// Is this call one to a tool that takes free text? Its arguments are then one JSON string.
static bool tamar__dialect_responses_is_custom(const tamar_part *p)
{
    tamar_json v;
    return tamar_json_parse(p->text.ptr, p->text.len, &v, NULL) && tamar_json_type_of(v) == TAMAR_JSON_STRING;
}

static void tamar__dialect_responses_result(tamar__dialect_out *o, const tamar_part *p)
{
    const tamar_request *rq = o->rq;
    bool custom = false;
    size_t i, k;
    tamar_json item;
    if (tamar__dialect_responses_own_item(p, &item)) {  // an output only this vendor knows: a shell's
        tamar_json_write_raw(&o->w, item.ptr, item.len);
        return;
    }
    for (i = 0; i < rq->message_count; i++)
        for (k = 0; k < rq->messages[i].part_count; k++) {
            const tamar_part *call = &rq->messages[i].parts[k];
            if (call->type == TAMAR_PART_TOOL_CALL && tamar__str_equal(call->id, p->id))
                custom = tamar__dialect_responses_is_custom(call);
        }
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", custom ? "custom_tool_call_output" : "function_call_output");
    tamar__dialect_str_member(o, "call_id", p->id);
    tamar__dialect_str_member(o, "output", tamar__dialect_result_text(o, p));
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_responses_call_back(tamar__dialect_out *o, const tamar_part *p)
{
    bool custom = tamar__dialect_responses_is_custom(p);
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", custom ? "custom_tool_call" : "function_call");
    tamar__dialect_str_member(o, "call_id", p->id);
    tamar__dialect_str_member(o, "name", p->name);
    if (custom) {
        tamar_json_write_key(&o->w, "input");
        tamar_json_write_raw(&o->w, p->text.ptr, p->text.len);
    }
    else tamar__dialect_str_member(o, "arguments", tamar__dialect_arguments_back(o, p->text));
    tamar_json_write_end(&o->w);
}

// The texts [from, to) of an assistant's turn as one message.
static void tamar__dialect_responses_spoken(tamar__dialect_out *o, const tamar_part *parts, size_t from, size_t to)
{
    size_t i, n = 0;
    for (i = from; i < to; i++)
        if (parts[i].text.len) n++;
    if (!n) return;
    tamar_json_write_object(&o->w);
    tamar__dialect_z_member(o, "type", "message");
    tamar__dialect_z_member(o, "role", "assistant");
    tamar_json_write_key(&o->w, "content");
    for (i = from; i < to && !parts[i].text.len; i++) {}
    if (n == 1 && parts[i].type == TAMAR_PART_TEXT)
        tamar_json_write_string(&o->w, parts[i].text.ptr, parts[i].text.len);
    else {
        tamar_json_write_array(&o->w);
        for (i = from; i < to; i++)
            if (!parts[i].text.len) {}
            else if (parts[i].type == TAMAR_PART_REFUSAL)
                tamar__dialect_responses_text(o, "refusal", "refusal", parts[i].text);
            else tamar__dialect_responses_text(o, "output_text", "text", parts[i].text);
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// An assistant's turn: its items as they came, in their order. What came from elsewhere is put into items of its own.
// Reasoning that the vendor neither keeps nor gave along cannot be sent back; the items behind it then go without
// their ids, which would ask for it.
static void tamar__dialect_responses_assistant(tamar__dialect_out *o, const tamar_part *parts, size_t count)
{
    size_t i, k;
    bool lost = false, stored = tamar__dialect_responses_stored(o);
    tamar_json item;
    for (i = 0; i < count; i++) {
        const tamar_part *p = &parts[i];
        bool own = tamar__dialect_responses_own_item(p, &item), text;
        tamar_json type = own ? tamar_json_get(item, "type") : item;
        bool raw = own && tamar_json_type_of(item) == TAMAR_JSON_OBJECT;
        text = p->type == TAMAR_PART_TEXT || p->type == TAMAR_PART_REFUSAL;
        tamar__dialect_cache_mark(o, p);
        if (p->opaque.len && !own)
            tamar__talk_warn(o->notes, "dropped",
                             "what belongs to another vendor was left out of an assistant's turn");
        switch (p->type) {
        case TAMAR_PART_REASONING:
            if (!raw || !tamar_json_is(type, "reasoning")) break;
            if (!stored && tamar__dialect_blank(tamar_json_get(item, "encrypted_content")) &&
                tamar_json_count(tamar_json_get(item, "content")) == 0) {
                tamar__talk_warn(o->notes, "dropped",
                                 "reasoning that came without its encrypted content cannot be sent back; it was "
                                 "left out");
                lost = true;
                break;
            }
            tamar_json_write_raw(&o->w, item.ptr, item.len);
            break;
        case TAMAR_PART_TOOL_CALL:
            if (raw && !lost && tamar__json_equal(tamar_json_get(item, "call_id"), p->id.ptr, p->id.len) &&
                tamar__json_equal(tamar_json_get(item, "name"), p->name.ptr, p->name.len))
                tamar_json_write_raw(&o->w, item.ptr, item.len);
            else tamar__dialect_responses_call_back(o, p);
            break;
        case TAMAR_PART_TEXT: case TAMAR_PART_REFUSAL:
            if (raw && !lost && tamar_json_is(type, "message")) {
                tamar_json_write_raw(&o->w, item.ptr, item.len);
                // its other texts stand in it
                while (i + 1 < count && tamar__dialect_responses_own_item(&parts[i + 1], &item) &&
                       tamar_json_type_of(item) != TAMAR_JSON_OBJECT)
                    i++;
                break;
            }
            for (k = i + 1; k < count && (parts[k].type == TAMAR_PART_TEXT || parts[k].type == TAMAR_PART_REFUSAL); k++)
                if (!lost && tamar__dialect_responses_own_item(&parts[k], &item) &&
                    tamar_json_type_of(item) == TAMAR_JSON_OBJECT)
                    break;
            tamar__dialect_responses_spoken(o, parts, i, k);
            i = k - 1;
            break;
        case TAMAR_PART_OPAQUE:
            if (raw) tamar_json_write_raw(&o->w, item.ptr, item.len);
            break;
        default:
            if (!text && p->type != TAMAR_PART_TOOL_RESULT)
                tamar__talk_warn(o->notes, "dropped",
                                 "media in an assistant's turn cannot be sent back; it was left out");
            break;
        }
    }
}

static void tamar__dialect_responses_message(tamar__dialect_out *o, const tamar_message *m)
{
    tamar_part one;
    size_t i, count;
    const tamar_part *parts = tamar__talk_parts(m, &one, &count);
    if (m->name)
        tamar__talk_warn(o->notes, "unsupported", "the Responses API takes no names of speakers; they were left out");
    if (m->role == TAMAR_ROLE_ASSISTANT) {
        tamar__dialect_responses_assistant(o, parts, count);
        return;
    }
    for (i = 0; i < count; i++) {
        tamar__dialect_cache_mark(o, &parts[i]);
        if (parts[i].type == TAMAR_PART_TOOL_RESULT) tamar__dialect_responses_result(o, &parts[i]);
    }
    tamar__dialect_responses_said(o, m, parts, count);
}

static void tamar__dialect_responses_input(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json own = o->extra.ptr ? tamar_json_get(o->extra, "input") : o->extra;
    tamar_message m;
    size_t i;
    tamar_json_write_key(&o->w, "input");
    if (own.ptr) {
        tamar_json_write_raw(&o->w, own.ptr, own.len);
        return;
    }
    tamar_json_write_array(&o->w);
    for (i = 0; i < rq->message_count; i++) tamar__dialect_responses_message(o, &rq->messages[i]);
    if (rq->prompt) {
        memset(&m, 0, sizeof m);
        m.text = rq->prompt;
        tamar__dialect_responses_message(o, &m);
    }
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_responses_tools(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    static const char *const words[] = { NULL, "auto", "none", "required" };
    tamar_str schema;
    bool strict;
    size_t i;
    if (!rq->tool_count && !(o->extra.ptr && tamar_json_get(o->extra, "tools").ptr)) {
        if (rq->tool_choice != TAMAR_TOOL_CHOICE_DEFAULT || rq->parallel_tool_calls.set)
            tamar__talk_warn(o->notes, "dropped",
                             "without tools tool_choice and parallel_tool_calls mean nothing; they were left out");
        return;
    }
    if (rq->tool_count && tamar__dialect_key(o, "tools")) {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->tool_count; i++) {
            const tamar_tool *t = &rq->tools[i];
            if (t->raw) {
                tamar__dialect_raw(o, t->raw);
                continue;
            }
            schema = tamar__str_z(t->parameters ? t->parameters : "{\"type\":\"object\",\"properties\":{}}");
            strict = t->strict && tamar__dialect_strict(o, &schema);
            tamar_json_write_object(&o->w);
            tamar__dialect_z_member(o, "type", "function");
            tamar__dialect_z_member(o, "name", t->name);
            tamar__dialect_z_member(o, "description", t->description);
            tamar_json_write_key(&o->w, "parameters");
            tamar_json_write_raw(&o->w, schema.ptr, schema.len);
            tamar_json_write_key(&o->w, "strict");  // always: left out it means true here
            tamar_json_write_bool(&o->w, strict);
            tamar_json_write_end(&o->w);
        }
        tamar_json_write_end(&o->w);
    }
    if (rq->tool_choice == TAMAR_TOOL_CHOICE_NAMED && tamar__dialect_key(o, "tool_choice")) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "type", "function");
        tamar__dialect_z_member(o, "name", rq->tool_name);
        tamar_json_write_end(&o->w);
    }
    else if (rq->tool_choice > TAMAR_TOOL_CHOICE_DEFAULT && rq->tool_choice <= TAMAR_TOOL_CHOICE_REQUIRED &&
             tamar__dialect_key(o, "tool_choice"))
        tamar_json_write_string(&o->w, words[rq->tool_choice], strlen(words[rq->tool_choice]));
    if (rq->parallel_tool_calls.set && tamar__dialect_key(o, "parallel_tool_calls"))
        tamar_json_write_bool(&o->w, rq->parallel_tool_calls.value != 0);
}

// text: the answer's format, flat, and its verbosity.
static void tamar__dialect_responses_format(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    if ((rq->format == TAMAR_FORMAT_TEXT && !rq->verbosity) || !tamar__dialect_key(o, "text")) return;
    tamar_json_write_object(&o->w);
    if (rq->format != TAMAR_FORMAT_TEXT) {
        tamar_json_write_key(&o->w, "format");
        tamar_json_write_object(&o->w);
    }
    if (rq->format == TAMAR_FORMAT_JSON) tamar__dialect_z_member(o, "type", "json_object");
    if (rq->format == TAMAR_FORMAT_SCHEMA) {
        tamar_str schema = tamar__str_z(rq->schema);
        bool strict = !rq->schema_strict.set || rq->schema_strict.value;
        if (strict) strict = tamar__dialect_strict(o, &schema);
        tamar__dialect_z_member(o, "type", "json_schema");
        tamar__dialect_z_member(o, "name", rq->schema_name ? rq->schema_name : "response");
        tamar__dialect_z_member(o, "description", rq->schema_description);
        tamar_json_write_key(&o->w, "strict");
        tamar_json_write_bool(&o->w, strict);
        tamar_json_write_key(&o->w, "schema");
        tamar_json_write_raw(&o->w, schema.ptr, schema.len);
    }
    if (rq->format != TAMAR_FORMAT_TEXT) tamar_json_write_end(&o->w);
    tamar__dialect_z_member(o, "verbosity", rq->verbosity);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_responses_missing(tamar__dialect_out *o, bool asked, const char *text)
{
    if (asked) tamar__talk_warn(o->notes, "unsupported", text);
}

// counted: only what the model reads, for the endpoint that counts it.
static void tamar__dialect_responses_body(tamar__dialect_out *o, bool counted)
{
    static const char *const words[] = { NULL, "none", "minimal", "low", "medium", "high", "xhigh", "max" };
    const tamar_request *rq = o->rq;
    const tamar_model_profile *profile = o->to->profile;
    const tamar_provider *row = o->to->provider;
    tamar_effort effort = rq->effort;
    bool stored = tamar__dialect_responses_stored(o), fixed, reasons;
    const char *refused;
    if (effort != TAMAR_EFFORT_DEFAULT) {
        effort = tamar__model_effort(profile, rq->effort);
        if (effort != rq->effort)
            tamar__talk_warn(o->notes, "effort",
                             effort == TAMAR_EFFORT_DEFAULT
                                 ? "this model has no reasoning effort; it was left out"
                                 : "this model does not have this reasoning effort; the nearest one was sent");
    }
    fixed = profile->flags & TAMAR_MODEL_NO_SAMPLING ||
            (profile->flags & TAMAR_MODEL_SAMPLES_WHEN_OFF && effort != TAMAR_EFFORT_OFF);
    refused = fixed ? "this model takes no sampling parameters while it reasons; they were left out" : NULL;
    // A model that is known not to reason refuses to be asked for it; of an unknown one at a vendor whose models are
    // known by name (a deployment's name says nothing) the effort tells.
    reasons = profile->flags & TAMAR_MODEL_REASONS;
    if (!reasons) reasons = profile->family ? profile->efforts != 0 : !row->family || effort != TAMAR_EFFORT_DEFAULT;
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    if (!counted) {
        if (rq->stream) {
            if (tamar__dialect_key(o, "stream")) tamar_json_write_bool(&o->w, true);
            if (row->quirks & TAMAR_QUIRK_OBFUSCATION && tamar__dialect_key(o, "stream_options")) {
                tamar_json_write_object(&o->w);
                tamar_json_write_key(&o->w, "include_obfuscation");
                tamar_json_write_bool(&o->w, false);
                tamar_json_write_end(&o->w);
            }
        }
        if (tamar__dialect_key(o, "store")) tamar_json_write_bool(&o->w, rq->store.set && rq->store.value);
        if (((reasons && !stored) || (!fixed && (rq->logprobs.value || rq->top_logprobs.set))) &&
            tamar__dialect_key(o, "include")) {
            tamar_json_write_array(&o->w);
            if (reasons && !stored) tamar__dialect_raw(o, "\"reasoning.encrypted_content\"");
            if (!fixed && (rq->logprobs.value || rq->top_logprobs.set))
                tamar__dialect_raw(o, "\"message.output_text.logprobs\"");
            tamar_json_write_end(&o->w);
        }
        if (rq->max_tokens > 0 && tamar__dialect_key(o, "max_output_tokens"))
            tamar_json_write_int(&o->w, rq->max_tokens);
        tamar__dialect_number(o, "temperature", rq->temperature, refused);
        tamar__dialect_number(o, "top_p", rq->top_p, refused);
        if (rq->top_logprobs.set && !fixed && tamar__dialect_key(o, "top_logprobs"))
            tamar_json_write_int(&o->w, rq->top_logprobs.value);
        tamar__dialect_responses_missing(o, fixed && (rq->logprobs.set || rq->top_logprobs.set),
                                         "this model gives no logprobs; they were left out");
        tamar__dialect_responses_missing(o, rq->frequency_penalty.set || rq->presence_penalty.set,
                                         "the Responses API takes no penalties; they were left out");
        tamar__dialect_responses_missing(o, rq->seed.set, "the Responses API takes no seed; it was left out");
        tamar__dialect_responses_missing(o, rq->stop_count > 0,
                                         "the Responses API takes no stop sequences; they were left out");
        tamar__dialect_responses_missing(o, rq->choices > 1,
                                         "only the first answer is read; ask several times for several");
    }
    if (effort != TAMAR_EFFORT_DEFAULT && tamar__dialect_key(o, "reasoning")) {
        tamar_json_write_object(&o->w);
        tamar__dialect_z_member(o, "effort", words[effort]);
        if (effort != TAMAR_EFFORT_OFF && !counted) tamar__dialect_z_member(o, "summary", "auto");
        tamar_json_write_end(&o->w);
    }
    if (!counted) {
        const char *key = row->quirks & TAMAR_QUIRK_SAFETY_IDENTIFIER ? "safety_identifier" : "user";
        if (rq->user && row->quirks & TAMAR_QUIRK_NO_USER)
            tamar__talk_warn(o->notes, "unsupported", "this provider takes no end user id; it was left out");
        else if (rq->user && tamar__dialect_key(o, key))
            tamar_json_write_string(&o->w, rq->user, strlen(rq->user));
        if (rq->cache_key && tamar__dialect_key(o, "prompt_cache_key"))
            tamar_json_write_string(&o->w, rq->cache_key, strlen(rq->cache_key));
        if (rq->service_tier && tamar__dialect_key(o, "service_tier"))
            tamar_json_write_string(&o->w, rq->service_tier, strlen(rq->service_tier));
        if (rq->metadata && tamar__dialect_key(o, "metadata")) tamar__dialect_raw(o, rq->metadata);
    }
    tamar__dialect_responses_tools(o);
    tamar__dialect_responses_format(o);
    if (rq->system && tamar__dialect_key(o, "instructions"))
        tamar_json_write_string(&o->w, rq->system, strlen(rq->system));
    if (o->extra.ptr) tamar__dialect_extra_but(o, "input");
    tamar__dialect_responses_input(o);
    tamar_json_write_end(&o->w);
}

static void tamar__dialect_responses_encode(tamar__dialect_out *o) { tamar__dialect_responses_body(o, false); }

// -- openai-responses: answers ---------------------------------------------------------------------
// An answer is a list of items: messages of parts, reasoning of paragraphs, calls, and what only the vendor knows. A
// stream tells each item by its place in that list; places, parts and items that were never announced are made when
// something first names them. Whatever a "done" or the last record says counts: it fills in what no delta brought.

typedef enum tamar__dialect_strand_type {
    TAMAR__DIALECT_STRAND_TEXT,
    TAMAR__DIALECT_STRAND_REFUSAL,
    TAMAR__DIALECT_STRAND_SUMMARY,
    TAMAR__DIALECT_STRAND_THOUGHT
} tamar__dialect_strand_type;

// One text of an item: a part of a message's content, a paragraph of reasoning.
typedef struct tamar__dialect_strand {
    struct tamar__dialect_strand *next;
    tamar__dialect_strand_type type;
    int64_t index;
    size_t piece, pieces;  // its first piece; how many it is in
    bool heard, settled;  // a delta came; its last word came
} tamar__dialect_strand;

typedef struct tamar__dialect_item {
    struct tamar__dialect_item *older;
    int64_t index;
    tamar_str id, type;
    tamar__dialect_strand *strands;
    size_t piece;  // the one that carries the item
    bool placed, done, sealed;  // has such a piece; was told whole; its arguments were
    tamar__dialect_call *call;
} tamar__dialect_item;

typedef struct tamar__dialect_responses {
    tamar__dialect_item *items;  // the newest first
    const tamar__dialect_strand *last;  // where the last text went
    size_t count, done;
} tamar__dialect_responses;

static tamar_str tamar__dialect_copied(tamar__dialect_decoder *d, tamar_json v)
{
    char *copy = tamar__arena_copy(d->arena, v.ptr, v.len);
    if (!copy) d->damaged = true;
    return copy ? tamar__str_make(copy, v.len) : tamar__str_make("", 0);
}

static tamar__dialect_item *tamar__dialect_item_add(tamar__dialect_decoder *d, tamar__dialect_responses *own,
                                                    int64_t index, tamar_json id)
{
    tamar__dialect_item *item;
    if (own->count >= 4096) {
        tamar__talk_warn(&d->notes, "items", "more than 4096 items came; the rest was dropped");
        return NULL;
    }
    item = (tamar__dialect_item *)tamar__arena_get(d->arena, sizeof *item);
    if (!item) {
        d->damaged = true;
        return NULL;
    }
    item->older = own->items;
    item->index = index;
    item->id = tamar__dialect_text(d, id);
    own->items = item;
    own->count++;
    return item;
}

// The item that a record speaks of: by its place, else by its id, else the last one.
static tamar__dialect_item *tamar__dialect_item_find(tamar__dialect_responses *own, int64_t index, tamar_json id)
{
    tamar__dialect_item *item;
    if (index >= 0) {
        for (item = own->items; item; item = item->older)
            if (item->index == index) return item;
        return NULL;
    }
    if (tamar__dialect_blank(id)) return own->items;
    for (item = own->items; item; item = item->older)
        if (item->id.len && tamar_json_is(id, item->id.ptr)) return item;
    return NULL;
}

static tamar__dialect_strand *tamar__dialect_strand_of(tamar__dialect_decoder *d, tamar__dialect_item *item,
                                                       tamar__dialect_strand_type type, int64_t index)
{
    tamar__dialect_strand *s;
    for (s = item->strands; s; s = s->next)
        if (s->type == type && s->index == index) return s;
    s = (tamar__dialect_strand *)tamar__arena_get(d->arena, sizeof *s);
    if (!s) {
        d->damaged = true;
        return NULL;
    }
    s->next = item->strands;
    s->type = type;
    s->index = index;
    item->strands = s;
    return s;
}

static tamar_part_type tamar__dialect_strand_part(const tamar__dialect_strand *s)
{
    return s->type == TAMAR__DIALECT_STRAND_TEXT      ? TAMAR_PART_TEXT
           : s->type == TAMAR__DIALECT_STRAND_REFUSAL ? TAMAR_PART_REFUSAL
                                                      : TAMAR_PART_REASONING;
}

// The piece in which a strand's text goes on. One that is not the item's first says so: JSON null stands for "in the
// item that an earlier part carries".
static bool tamar__dialect_strand_open(tamar__dialect_decoder *d, tamar__dialect_responses *own,
                                       tamar__dialect_item *item, tamar__dialect_strand *s)
{
    tamar_part_type type = tamar__dialect_strand_part(s);
    tamar__dialect_piece *p = d->piece_count ? &d->pieces[d->piece_count - 1] : NULL;
    if (own->last == s && p && p->type == type && s->piece + s->pieces == d->piece_count) return true;
    own->last = s;
    if (item->placed && item->piece + 1 == d->piece_count && p->type == type && !p->len && !s->pieces) {
        s->piece = item->piece;  // the empty one that keeps the item's place
        s->pieces = 1;
        p->from = tamar__dialect_text_of(d, type)->len;
        return true;
    }
    if (p) p->closed = true;
    p = tamar__dialect_open(d, type);
    if (!p) return false;
    if (!s->pieces) s->piece = d->piece_count - 1;
    s->pieces = d->piece_count - s->piece;
    if (item->placed) p->opaque = tamar__str_make("null", 4);
    else {
        item->placed = true;
        item->piece = d->piece_count - 1;
    }
    return true;
}

static void tamar__dialect_strand_add(tamar__dialect_decoder *d, tamar__dialect_responses *own,
                                      tamar__dialect_item *item, tamar__dialect_strand *s, tamar_json text)
{
    if (tamar__dialect_blank(text)) return;
    s->heard = true;
    if (tamar__dialect_strand_open(d, own, item, s)) tamar__dialect_append(d, tamar__dialect_strand_part(s), text);
    else d->damaged = true;
    d->effects += 2;  // which piece it goes to depends on what came before: not for the memo
}

// What a whole text has beyond what its deltas brought. True: it begins as they did.
static bool tamar__dialect_rest(tamar__dialect_decoder *d, tamar_str have, tamar_json whole, tamar__str_buf *into,
                                tamar__json_carry *carry, size_t *added)
{
    tamar_str all;
    size_t before = into->len;
    bool begins;
    *added = 0;
    if (tamar__json_equal(whole, have.ptr, have.len) && !carry->count && !carry->high) return true;
    all = tamar__json_text(d->arena, whole);
    if (!all.ptr) {
        d->damaged = true;
        return true;
    }
    begins = all.len >= have.len && (!have.len || !memcmp(all.ptr, have.ptr, have.len));
    if (begins && all.len > have.len) {
        carry->count = 0;
        carry->high = 0;
        if (!tamar__json_append_bytes(into, all.ptr + have.len, all.len - have.len, carry)) d->damaged = true;
        *added = into->len - before;
    }
    return begins;
}

// The last word about a strand.
static void tamar__dialect_strand_settle(tamar__dialect_decoder *d, tamar__dialect_responses *own,
                                         tamar__dialect_item *item, tamar__dialect_strand *s, tamar_json text)
{
    tamar__dialect_piece *p;
    tamar__str_buf *b;
    size_t added, from, len, i;
    tamar_part_type type;
    bool later;
    if (s->settled || d->damaged || tamar_json_type_of(text) != TAMAR_JSON_STRING) return;
    s->settled = true;
    if (!s->heard) {
        tamar__dialect_strand_add(d, own, item, s, text);
        return;
    }
    // With discard_text there is nothing left to compare; in several pieces it stands apart.
    if (d->discard || s->pieces != 1) return;
    p = &d->pieces[s->piece];
    b = tamar__dialect_text_of(d, p->type);
    from = p->from;
    len = p->len;
    type = p->type;
    for (i = s->piece + 1; i < d->piece_count && d->pieces[i].type != type; i++) {}
    later = i < d->piece_count;  // other texts came behind it: its rest is a piece of its own
    if (later) {
        tamar_str all = tamar__json_text(d->arena, text);
        if (!all.ptr) d->damaged = true;
        if (!all.ptr || all.len <= len || (len && memcmp(all.ptr, b->ptr + from, len))) return;
        if (!tamar__dialect_strand_open(d, own, item, s)) {
            d->damaged = true;
            return;
        }
    }
    if (!tamar__dialect_rest(d, tamar__str_make(b->ptr ? b->ptr + from : "", len), text, b,
                             tamar__dialect_carry_of(d, type), &added))
        tamar__talk_warn(&d->notes, "stream", "a text's last word differs from what was streamed; the stream was kept");
    d->pieces[later ? d->piece_count - 1 : s->piece].len += added;
    d->first_dirty = tamar__base_min(d->first_dirty, s->piece);
}

static void tamar__dialect_arguments_settle(tamar__dialect_decoder *d, tamar__dialect_item *item, tamar_json v)
{
    tamar__dialect_call *c = item->call;
    size_t added;
    if (!c || item->sealed || d->damaged || tamar_json_type_of(v) <= TAMAR_JSON_NULL) return;
    if (tamar_json_type_of(v) == TAMAR_JSON_STRING && v.len <= 2) return;
    item->sealed = true;
    if (!c->arguments.len || tamar_json_type_of(v) != TAMAR_JSON_STRING) tamar__dialect_chat_arguments(d, c, v);
    else if (!c->whole &&
             !tamar__dialect_rest(d, tamar__str_view(&c->arguments), v, &c->arguments, &c->carry, &added))
        tamar__talk_warn(&d->notes, "tool_arguments",
                         "a call's arguments differ from what was streamed of them; the stream was kept");
}

static tamar__dialect_call *tamar__dialect_item_call(tamar__dialect_decoder *d, tamar__dialect_item *item,
                                                     bool custom)
{
    if (!item->call) {
        item->call = tamar__dialect_call_add(d, -1);
        if (item->call) item->call->custom = custom;
    }
    return item->call;
}

static void tamar__dialect_annotation(tamar__dialect_decoder *d, tamar_json a)
{
    tamar_json cite = tamar_json_get(a, "url_citation");  // nested, as Chat has it
    if (tamar_json_type_of(a) != TAMAR_JSON_OBJECT) return;
    if (!cite.ptr) cite = a;
    tamar__dialect_cite(d, tamar_json_get(cite, "url"), tamar_json_get(cite, "title"));
}

// A part of a message or of reasoning, whole: its text counts where no delta brought it.
static void tamar__dialect_part_settle(tamar__dialect_decoder *d, tamar__dialect_responses *own,
                                       tamar__dialect_item *item, tamar_json part, int64_t index)
{
    tamar_json type = tamar_json_get(part, "type"), annotation, key;
    tamar__dialect_strand_type kind = TAMAR__DIALECT_STRAND_TEXT;
    tamar__dialect_strand *s;
    tamar_json_iter it;
    tamar_json text = tamar_json_get(part, "text");
    if (tamar_json_is(type, "refusal")) kind = TAMAR__DIALECT_STRAND_REFUSAL, text = tamar_json_get(part, "refusal");
    else if (tamar_json_is(type, "summary_text")) kind = TAMAR__DIALECT_STRAND_SUMMARY;
    else if (tamar_json_is(type, "reasoning_text")) kind = TAMAR__DIALECT_STRAND_THOUGHT;
    else if (!tamar_json_is(type, "output_text") && !tamar_json_is(type, "text")) return;
    if (kind == TAMAR__DIALECT_STRAND_TEXT && tamar__str_is(item->type, "reasoning"))
        kind = TAMAR__DIALECT_STRAND_THOUGHT;
    s = tamar__dialect_strand_of(d, item, kind, index);
    if (s) tamar__dialect_strand_settle(d, own, item, s, text);
    it = tamar_json_iterate(tamar_json_get(part, "annotations"));
    while (tamar_json_next(&it, &key, &annotation)) tamar__dialect_annotation(d, annotation);
}

static void tamar__dialect_parts_settle(tamar__dialect_decoder *d, tamar__dialect_responses *own,
                                        tamar__dialect_item *item, tamar_json parts)
{
    tamar_json_iter it = tamar_json_iterate(parts);
    tamar_json key, part;
    int64_t i;
    for (i = 0; tamar_json_type_of(parts) == TAMAR_JSON_ARRAY && tamar_json_next(&it, &key, &part); i++)
        tamar__dialect_part_settle(d, own, item, part, i);
    if (tamar_json_type_of(parts) == TAMAR_JSON_STRING) {
        tamar__dialect_strand *s = tamar__dialect_strand_of(d, item, TAMAR__DIALECT_STRAND_TEXT, 0);
        if (s) tamar__dialect_strand_settle(d, own, item, s, parts);
    }
}

// A picture that a hosted tool made.
static void tamar__dialect_item_image(tamar__dialect_decoder *d, tamar_json v)
{
    tamar_json format = tamar_json_get(v, "output_format");
    tamar_str data = tamar__dialect_text(d, tamar_json_get(v, "result"));
    tamar_image *image = data.len ? tamar__dialect_image_add(d) : NULL;
    if (!image) return;
    image->data = data;
    image->mime_type = tamar__str_z(tamar__dialect_base64_mime(data, format));
}

// A model that was taught several calls at once may write them as one call to a tool that nobody declared.
static void tamar__dialect_item_parallel(tamar__dialect_decoder *d, const tamar__dialect_call *c)
{
    tamar_json v;
    tamar_str name = c->name;
    if (!tamar__str_is(name, "parallel") && !tamar__str_is(name, "multi_tool_use.parallel")) return;
    if (c->arguments.len && tamar_json_parse(c->arguments.ptr, c->arguments.len, &v, NULL) &&
        tamar_json_type_of(tamar_json_get(v, "tool_uses")) == TAMAR_JSON_ARRAY)
        tamar__talk_warn(&d->notes, "tool_calls",
                         "the model wrapped several calls into one to \"parallel\": its tool_uses name them; answer "
                         "them together, in one result for this call");
}

// An item as it is announced, or told whole.
static void tamar__dialect_item_in(tamar__dialect_decoder *d, tamar__dialect_responses *own,
                                   tamar__dialect_item *item, tamar_json v, bool whole)
{
    tamar_json type = tamar_json_get(v, "type");
    bool custom = tamar_json_is(type, "custom_tool_call");
    d->effects += 2;
    if (item->done) return;
    if (!item->type.len) item->type = tamar__dialect_text(d, type);
    if (tamar_json_is(type, "function_call") || custom) {
        tamar__dialect_call *c = tamar__dialect_item_call(d, item, custom);
        if (!c) return;
        tamar__dialect_first_text(d, &c->id, tamar_json_get(v, "call_id"));
        if (whole) tamar__dialect_first_text(d, &c->id, tamar_json_get(v, "id"));
        tamar__dialect_first_text(d, &c->name, tamar_json_get(v, "name"));
        if (whole) {
            tamar__dialect_arguments_settle(d, item, tamar_json_get(v, custom ? "input" : "arguments"));
            c->extra = tamar__dialect_copied(d, v);
            tamar__dialect_item_parallel(d, c);
        }
    }
    else if (tamar_json_is(type, "message")) {
        if (whole) tamar__dialect_parts_settle(d, own, item, tamar_json_get(v, "content"));
    }
    else if (tamar_json_is(type, "reasoning")) {
        if (!item->placed && tamar__dialect_piece_add(d, TAMAR_PART_REASONING)) {  // its place is before what it led to
            d->pieces[d->piece_count - 1].from = d->reasoning.len;
            item->placed = true;
            item->piece = d->piece_count - 1;
        }
        if (whole) {
            tamar__dialect_parts_settle(d, own, item, tamar_json_get(v, "summary"));
            tamar__dialect_parts_settle(d, own, item, tamar_json_get(v, "content"));
        }
    }
    else if (whole) {
        if (tamar_json_is(type, "image_generation_call")) tamar__dialect_item_image(d, v);
        tamar__dialect_opaque(d, v);
        d->committed = true;
    }
    if (!whole) return;
    item->done = true;
    own->done++;
    if (item->placed) d->pieces[item->piece].opaque = tamar__dialect_copied(d, v);
}

// output_item.added and .done. A place that is told twice holds two items (some servers do not count).
static void tamar__dialect_item_event(tamar__dialect_decoder *d, tamar__dialect_responses *own, int64_t index,
                                      tamar_json v, bool whole)
{
    tamar_json id = tamar_json_get(v, "id"), type = tamar_json_get(v, "type");
    tamar__dialect_item *item = tamar__dialect_item_find(own, index, id);
    if (tamar_json_type_of(v) != TAMAR_JSON_OBJECT) return;
    if (item && item->type.len &&
        (item->done || !tamar_json_is(type, item->type.ptr) ||
         (!whole && item->id.len && !tamar__dialect_blank(id) && !tamar_json_is(id, item->id.ptr))))
        item = NULL;
    if (!item) item = tamar__dialect_item_add(d, own, index, id);
    if (item && !item->id.len) item->id = tamar__dialect_text(d, id);
    if (item) tamar__dialect_item_in(d, own, item, v, whole);
}

// The whole list at the end: what was not told before is taken from it.
static void tamar__dialect_output_in(tamar__dialect_decoder *d, tamar__dialect_responses *own, tamar_json output)
{
    tamar_json_iter it = tamar_json_iterate(output);
    tamar_json key, v;
    int64_t i;
    if (tamar_json_type_of(output) != TAMAR_JSON_ARRAY) return;
    if (own->count && own->done == own->count && own->count >= tamar_json_count(output)) return;
    for (i = 0; tamar_json_next(&it, &key, &v) && !d->damaged; i++) {
        tamar_json id = tamar_json_get(v, "id"), call = tamar_json_get(v, "call_id");
        tamar__dialect_item *item = NULL;
        if (tamar_json_type_of(v) != TAMAR_JSON_OBJECT) continue;
        if (!tamar__dialect_blank(id)) item = tamar__dialect_item_find(own, -1, id);
        if (!item && !tamar__dialect_blank(call))
            for (item = own->items; item; item = item->older)
                if (item->call && item->call->id.len && tamar_json_is(call, item->call->id.ptr)) break;
        if (!item) {
            item = tamar__dialect_item_find(own, i, id);
            if (item && item->type.len && !tamar_json_is(tamar_json_get(v, "type"), item->type.ptr)) item = NULL;
        }
        if (!item) item = tamar__dialect_item_add(d, own, i, id);
        if (item) tamar__dialect_item_in(d, own, item, v, true);
    }
}

// The response object, as it stands in the first and the last record of a stream, or alone.
static void tamar__dialect_response_in(tamar__dialect_decoder *d, tamar__dialect_responses *own, tamar_json v,
                                       const char *status, bool last)
{
    tamar_json word = tamar_json_get(v, "status"), error, reason;
    int64_t seconds;
    bool failed;
    d->effects += 2;
    if (tamar_json_type_of(v) == TAMAR_JSON_OBJECT) {
        tamar__dialect_first_text(d, &d->id, tamar_json_get(v, "id"));
        tamar__dialect_first_text(d, &d->model, tamar_json_get(v, "model"));
        if (!d->created && tamar__json_lenient_int(tamar_json_get(v, "created_at"), &seconds) && seconds > 0)
            d->created = seconds;
        tamar__dialect_usage_of(d, tamar_json_get(v, "usage"));
    }
    if (!last) return;
    tamar__dialect_output_in(d, own, tamar_json_get(v, "output"));
    failed = tamar_json_is(word, "failed") || (status && !strcmp(status, "failed"));
    reason = tamar_json_at(v, "incomplete_details/reason");
    if (tamar_json_is(word, "incomplete") && !tamar__dialect_blank(reason)) tamar__dialect_finish_word(d, reason);
    else if (!tamar__dialect_blank(word)) tamar__dialect_finish_word(d, word);
    else if (status) d->finish_raw = tamar__str_z(status);
    if (tamar_json_is(word, "queued") || tamar_json_is(word, "in_progress"))
        tamar__talk_warn(&d->notes, "background", "the vendor is still at it: ask for this answer by its id later");
    error = tamar_json_get(v, "error");
    if (tamar_json_type_of(error) > TAMAR_JSON_NULL) tamar__dialect_vendor_error(d, v, false);
    if (failed && d->error.category == TAMAR_OK)
        tamar__dialect_fail(d, TAMAR_SERVER, "the answer failed at the vendor, who gave no reason");
}

typedef enum tamar__dialect_responses_event {
    TAMAR__DIALECT_RESPONSES_OTHER,
    TAMAR__DIALECT_RESPONSES_BEGUN,
    TAMAR__DIALECT_RESPONSES_LAST,
    TAMAR__DIALECT_RESPONSES_ADDED,
    TAMAR__DIALECT_RESPONSES_DONE,
    TAMAR__DIALECT_RESPONSES_DELTA,
    TAMAR__DIALECT_RESPONSES_SETTLED,
    TAMAR__DIALECT_RESPONSES_PART,
    TAMAR__DIALECT_RESPONSES_ARGUMENTS,
    TAMAR__DIALECT_RESPONSES_ARGUED,
    TAMAR__DIALECT_RESPONSES_ANNOTATION,
    TAMAR__DIALECT_RESPONSES_ERROR,
    TAMAR__DIALECT_RESPONSES_ALIVE
} tamar__dialect_responses_event;

typedef struct tamar__dialect_responses_row {
    const char *type;
    tamar__dialect_responses_event event;
    tamar__dialect_strand_type strand;
    const char *status;  // LAST: what it means where the response does not say. ARGUMENTS: "custom" or NULL
} tamar__dialect_responses_row;

static const tamar__dialect_responses_row *tamar__dialect_responses_row_of(tamar_str type)
{
    static const tamar__dialect_responses_row rows[] = {
        { "response.output_text.delta", TAMAR__DIALECT_RESPONSES_DELTA, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.reasoning_summary_text.delta", TAMAR__DIALECT_RESPONSES_DELTA, TAMAR__DIALECT_STRAND_SUMMARY,
          NULL },
        { "response.reasoning_text.delta", TAMAR__DIALECT_RESPONSES_DELTA, TAMAR__DIALECT_STRAND_THOUGHT, NULL },
        { "response.function_call_arguments.delta", TAMAR__DIALECT_RESPONSES_ARGUMENTS, TAMAR__DIALECT_STRAND_TEXT,
          NULL },
        { "response.custom_tool_call_input.delta", TAMAR__DIALECT_RESPONSES_ARGUMENTS, TAMAR__DIALECT_STRAND_TEXT,
          "custom" },
        { "response.refusal.delta", TAMAR__DIALECT_RESPONSES_DELTA, TAMAR__DIALECT_STRAND_REFUSAL, NULL },
        { "response.output_text.done", TAMAR__DIALECT_RESPONSES_SETTLED, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.reasoning_summary_text.done", TAMAR__DIALECT_RESPONSES_SETTLED, TAMAR__DIALECT_STRAND_SUMMARY,
          NULL },
        { "response.reasoning_text.done", TAMAR__DIALECT_RESPONSES_SETTLED, TAMAR__DIALECT_STRAND_THOUGHT, NULL },
        { "response.refusal.done", TAMAR__DIALECT_RESPONSES_SETTLED, TAMAR__DIALECT_STRAND_REFUSAL, NULL },
        { "response.function_call_arguments.done", TAMAR__DIALECT_RESPONSES_ARGUED, TAMAR__DIALECT_STRAND_TEXT,
          NULL },
        { "response.custom_tool_call_input.done", TAMAR__DIALECT_RESPONSES_ARGUED, TAMAR__DIALECT_STRAND_TEXT,
          "custom" },
        { "response.content_part.done", TAMAR__DIALECT_RESPONSES_PART, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.reasoning_summary_part.done", TAMAR__DIALECT_RESPONSES_PART, TAMAR__DIALECT_STRAND_SUMMARY,
          NULL },
        { "response.output_item.added", TAMAR__DIALECT_RESPONSES_ADDED, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.output_item.done", TAMAR__DIALECT_RESPONSES_DONE, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.output_text.annotation.added", TAMAR__DIALECT_RESPONSES_ANNOTATION, TAMAR__DIALECT_STRAND_TEXT,
          NULL },
        { "response.created", TAMAR__DIALECT_RESPONSES_BEGUN, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.in_progress", TAMAR__DIALECT_RESPONSES_BEGUN, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.queued", TAMAR__DIALECT_RESPONSES_BEGUN, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "response.completed", TAMAR__DIALECT_RESPONSES_LAST, TAMAR__DIALECT_STRAND_TEXT, "completed" },
        { "response.incomplete", TAMAR__DIALECT_RESPONSES_LAST, TAMAR__DIALECT_STRAND_TEXT, "incomplete" },
        { "response.failed", TAMAR__DIALECT_RESPONSES_LAST, TAMAR__DIALECT_STRAND_TEXT, "failed" },
        { "error", TAMAR__DIALECT_RESPONSES_ERROR, TAMAR__DIALECT_STRAND_TEXT, NULL },
        { "keepalive", TAMAR__DIALECT_RESPONSES_ALIVE, TAMAR__DIALECT_STRAND_TEXT, NULL },
    };
    static const tamar__dialect_responses_row other = { "", TAMAR__DIALECT_RESPONSES_OTHER,
                                                        TAMAR__DIALECT_STRAND_TEXT, NULL };
    size_t i;
    for (i = 0; i < sizeof rows / sizeof *rows; i++)
        if (tamar__str_is(type, rows[i].type)) return &rows[i];
    return &other;
}

// The members of a record that mean something, as views.
typedef struct tamar__dialect_responses_views {
    tamar_json type, delta, text, refusal, arguments, input, name, item, item_id, part, response, annotation, error;
    tamar_json output_index, content_index, summary_index;
} tamar__dialect_responses_views;

static void tamar__dialect_responses_collect(tamar_json_reader *r, tamar__dialect_responses_views *v)
{
    tamar_json key, *slot;
    memset(v, 0, sizeof *v);
    if (!tamar_json_read_object(r)) return;
    while (tamar_json_read_key(r, &key)) {
        const char *name = key.ptr + 1;
        slot = NULL;
        switch (key.len) {  // with its quotes
        case 6:
            if (!memcmp(name, "type", 4)) slot = &v->type;
            else if (!memcmp(name, "item", 4)) slot = &v->item;
            else if (!memcmp(name, "text", 4)) slot = &v->text;
            else if (!memcmp(name, "part", 4)) slot = &v->part;
            else if (!memcmp(name, "name", 4)) slot = &v->name;
            break;
        case 7:
            if (!memcmp(name, "delta", 5)) slot = &v->delta;
            else if (!memcmp(name, "error", 5)) slot = &v->error;
            else if (!memcmp(name, "input", 5)) slot = &v->input;
            break;
        case 9:
            if (!memcmp(name, "item_id", 7)) slot = &v->item_id;
            else if (!memcmp(name, "refusal", 7)) slot = &v->refusal;
            break;
        case 10: if (!memcmp(name, "response", 8)) slot = &v->response; break;
        case 11: if (!memcmp(name, "arguments", 9)) slot = &v->arguments; break;
        case 12: if (!memcmp(name, "annotation", 10)) slot = &v->annotation; break;
        case 14: if (!memcmp(name, "output_index", 12)) slot = &v->output_index; break;
        case 15:
            if (!memcmp(name, "content_index", 13)) slot = &v->content_index;
            else if (!memcmp(name, "summary_index", 13)) slot = &v->summary_index;
            break;
        default: break;
        }
        if (slot) *slot = tamar_json_read_value(r);
    }
}

static int64_t tamar__dialect_place(tamar_json v, int64_t otherwise)
{
    int64_t n;
    return v.ptr && tamar__json_lenient_int(v, &n) && n >= 0 ? n : otherwise;
}

// An error as a record of its own: beside "type":"error", or in a member of that name.
static void tamar__dialect_responses_failed(tamar__dialect_decoder *d, tamar_str data)
{
    tamar_json root;
    if (!tamar_json_parse(data.ptr, data.len, &root, NULL) || tamar__dialect_vendor_error(d, root, false)) return;
    tamar__dialect_vendor_error_in(d, root, root, true);
    if (!strcmp(d->error.type, "error")) d->error.type = "";  // the record's, not the error's
    if (d->error.category == TAMAR_OK)
        tamar__dialect_fail(d, TAMAR_SERVER, "the answer failed at the vendor, who gave no reason");
}

static void tamar__dialect_responses_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar__dialect_responses *own;
    tamar__dialect_responses_views v;
    const tamar__dialect_responses_row *row;
    tamar__dialect_item *item = NULL;
    tamar__dialect_strand *s;
    tamar__dialect_call *call;
    tamar_json_reader r;
    tamar_json_error why;
    char word[64];
    int64_t place, part;
    data = tamar__str_trim(data);
    d->effects += 2;
    if (!data.len || tamar__str_starts(data, "[DONE]")) return;  // proves nothing here
    tamar_json_reader_begin(&r, data.ptr, data.len);
    tamar__dialect_responses_collect(&r, &v);
    if (!tamar_json_reader_end(&r, &why)) {
        if (why.status == TAMAR_JSON_TOO_DEEP)
            tamar__dialect_fail(d, TAMAR_LIMIT, "the answer's JSON is nested deeper than 64 levels");
        else tamar__dialect_fail_with(d, TAMAR_PARSE, "the answer is not valid JSON: ", data);
        return;
    }
    own = (tamar__dialect_responses *)tamar__dialect_own(d, sizeof *own);
    if (!own) return;
    row = tamar__dialect_responses_row_of(
        tamar__dialect_blank(v.type) ? event : tamar__dialect_short(v.type, word, sizeof word));
    place = tamar__dialect_place(v.output_index, -1);
    part = tamar__dialect_place(row->strand == TAMAR__DIALECT_STRAND_SUMMARY ? v.summary_index : v.content_index, 0);
    if (row->event >= TAMAR__DIALECT_RESPONSES_DELTA && row->event <= TAMAR__DIALECT_RESPONSES_ARGUED) {
        item = tamar__dialect_item_find(own, place, v.item_id);
        if (!item) item = tamar__dialect_item_add(d, own, place, v.item_id);
        if (!item || item->done) return;
    }
    switch (row->event) {
    case TAMAR__DIALECT_RESPONSES_DELTA: case TAMAR__DIALECT_RESPONSES_SETTLED:
        s = tamar__dialect_strand_of(d, item, row->strand, part);
        if (!s) break;
        if (row->event == TAMAR__DIALECT_RESPONSES_DELTA) tamar__dialect_strand_add(d, own, item, s, v.delta);
        else
            tamar__dialect_strand_settle(d, own, item, s,
                                         row->strand == TAMAR__DIALECT_STRAND_REFUSAL ? v.refusal : v.text);
        break;
    case TAMAR__DIALECT_RESPONSES_PART: tamar__dialect_part_settle(d, own, item, v.part, part); break;
    case TAMAR__DIALECT_RESPONSES_ARGUMENTS:
        call = tamar__dialect_item_call(d, item, row->status != NULL);
        if (call && !item->sealed) tamar__dialect_chat_arguments(d, call, v.delta);
        break;
    case TAMAR__DIALECT_RESPONSES_ARGUED:
        call = tamar__dialect_item_call(d, item, row->status != NULL);
        if (!call) break;
        tamar__dialect_first_text(d, &call->name, v.name);
        tamar__dialect_arguments_settle(d, item, row->status ? v.input : v.arguments);
        break;
    case TAMAR__DIALECT_RESPONSES_ADDED: tamar__dialect_item_event(d, own, place, v.item, false); break;
    case TAMAR__DIALECT_RESPONSES_DONE: tamar__dialect_item_event(d, own, place, v.item, true); break;
    case TAMAR__DIALECT_RESPONSES_ANNOTATION: tamar__dialect_annotation(d, v.annotation); break;
    case TAMAR__DIALECT_RESPONSES_BEGUN: tamar__dialect_response_in(d, own, v.response, NULL, false); break;
    case TAMAR__DIALECT_RESPONSES_LAST:
        tamar__dialect_response_in(d, own, v.response, row->status, true);
        if (tamar_json_type_of(v.error) > TAMAR_JSON_NULL && (d->error.category == TAMAR_OK || !d->error.code[0])) {
            d->error.category = TAMAR_OK;  // the reason stands beside the response
            tamar__dialect_responses_failed(d, data);
        }
        d->over = d->done = true;
        break;
    case TAMAR__DIALECT_RESPONSES_ERROR: tamar__dialect_responses_failed(d, data); break;
    case TAMAR__DIALECT_RESPONSES_ALIVE: d->heartbeat = true; break;
    case TAMAR__DIALECT_RESPONSES_OTHER:
        if (tamar_json_type_of(v.error) > TAMAR_JSON_NULL || tamar__str_is(event, "error"))
            tamar__dialect_responses_failed(d, data);
        else d->heartbeat = true;  // a hosted tool at work, or what is not known yet
        break;
    default: break;
    }
}

static void tamar__dialect_responses_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar__dialect_responses *own;
    tamar_json v;
    if (!tamar__dialect_parsed(d, json, &v)) return;
    own = (tamar__dialect_responses *)tamar__dialect_own(d, sizeof *own);
    if (!own) return;
    if (tamar_json_type_of(tamar_json_get(v, "response")) == TAMAR_JSON_OBJECT && !tamar_json_get(v, "output").ptr)
        v = tamar_json_get(v, "response");  // an event alone
    if (tamar_json_type_of(tamar_json_get(v, "output")) != TAMAR_JSON_ARRAY) {
        if (tamar__dialect_vendor_error(d, v, !tamar_json_get(v, "status").ptr)) return;
        if (tamar__dialect_blank(tamar_json_get(v, "status")) || tamar__dialect_blank(tamar_json_get(v, "id"))) {
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no response: ", json);
            return;
        }
    }
    tamar__dialect_response_in(d, own, v, "completed", true);
    d->done = true;
}

// -- openai-count-tokens ---------------------------------------------------------------------------

static void tamar__dialect_count_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    if (!(o->to->provider->quirks & TAMAR_QUIRK_RESPONSES) &&
        !(rq->api && !strcmp(rq->api, TAMAR__DIALECT_RESPONSES))) {
        o->refused = "this provider counts no tokens ahead; where its server can, set request.api \"openai-responses\"";
        return;
    }
    tamar__dialect_responses_body(o, true);
}

static void tamar__dialect_count_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json v;
    if (!tamar__dialect_parsed(d, json, &v)) return;
    d->done = true;
    if (tamar__dialect_vendor_error(d, v, false)) return;
    tamar__dialect_usage_of(d, v);
    if (!d->usage.input_tokens.set)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no count: ", json);
}

// -- openai-embeddings -----------------------------------------------------------------------------

static void tamar__dialect_embeddings_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    tamar_json own = o->extra.ptr ? tamar_json_get(o->extra, "input") : o->extra;
    size_t i;
    if (rq->input_type)
        tamar__talk_warn(o->notes, "unsupported",
                         "this dialect has no input_type; it was left out (request.extra can carry a vendor's own)");
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    if (rq->dimensions > 0 && tamar__dialect_key(o, "dimensions")) tamar_json_write_int(&o->w, rq->dimensions);
    if (rq->user && !(o->to->provider->quirks & TAMAR_QUIRK_NO_USER) && tamar__dialect_key(o, "user"))
        tamar_json_write_string(&o->w, rq->user, strlen(rq->user));
    if (o->extra.ptr) tamar__dialect_extra_but(o, "input");
    tamar_json_write_key(&o->w, "input");
    if (own.ptr) tamar_json_write_raw(&o->w, own.ptr, own.len);
    else {
        tamar_json_write_array(&o->w);
        for (i = 0; i < rq->input_count; i++) tamar_json_write_string(&o->w, rq->inputs[i], strlen(rq->inputs[i]));
        if (!rq->input_count) tamar_json_write_string(&o->w, rq->prompt, strlen(rq->prompt));
        tamar_json_write_end(&o->w);
    }
    tamar_json_write_end(&o->w);
}

// The vectors: objects with an index each, in any order, or the vectors themselves.
static void tamar__dialect_embeddings_in(tamar__dialect_decoder *d, tamar_json list)
{
    tamar_json_iter it = tamar_json_iterate(list);
    tamar_json key, v, *sorted;
    size_t n = tamar_json_count(list), i, place;
    bool ordered = true, good = true;
    int64_t index;
    if (!n) return;
    sorted = n < SIZE_MAX / sizeof *sorted ? (tamar_json *)tamar__arena_get(d->arena, n * sizeof *sorted) : NULL;
    if (!sorted) {
        d->damaged = true;
        return;
    }
    memset(sorted, 0, n * sizeof *sorted);
    while (ordered && tamar_json_next(&it, &key, &v)) {
        ordered = tamar__json_lenient_int(tamar_json_get(v, "index"), &index) && index >= 0 && (uint64_t)index < n &&
                  !sorted[index].ptr;
        if (ordered) sorted[index] = v;
    }
    it = tamar_json_iterate(list);
    for (place = 0; !ordered && tamar_json_next(&it, &key, &v); place++) sorted[place] = v;
    for (i = 0; i < n && good && !d->damaged; i++) {
        v = sorted[i];
        if (tamar_json_type_of(v) == TAMAR_JSON_OBJECT) v = tamar_json_get(v, "embedding");
        good = tamar__dialect_embedding(d, v);
    }
    if (!good) tamar__dialect_fail(d, TAMAR_PARSE, "an embedding is neither a list of numbers nor base64 of floats");
}

static void tamar__dialect_embeddings_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json v, list, key;
    tamar_json_iter it;
    if (!tamar__dialect_parsed(d, json, &v)) return;
    d->done = true;
    if (tamar__dialect_vendor_error(d, v, false)) return;
    tamar__dialect_first_text(d, &d->id, tamar_json_get(v, "id"));
    tamar__dialect_first_text(d, &d->model, tamar_json_get(v, "model"));
    list = tamar_json_get(v, "data");
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) list = tamar_json_get(v, "embeddings");
    if (tamar_json_type_of(list) == TAMAR_JSON_OBJECT) {  // by type of number: Cohere
        tamar_json floats = tamar_json_get(list, "float");
        it = tamar_json_iterate(list);
        if (!floats.ptr) tamar_json_next(&it, &key, &floats);
        list = floats;
    }
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) {
        if (!tamar__dialect_vendor_error(d, v, true))
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of embeddings: ", json);
        return;
    }
    tamar__dialect_embeddings_in(d, list);
    tamar__dialect_usage_of(d, tamar_json_get(v, "usage"));
    if (!d->usage.input_tokens.set) tamar__dialect_usage_of(d, tamar_json_at(v, "meta/billed_units"));
}

// -- openai-images ---------------------------------------------------------------------------------
// Many vendors make pictures at /images/generations, each with fields of its own: a row says which the models behind a
// glob take. The first that fits counts; the last one fits all.

enum {
    TAMAR__DIALECT_IMAGES_STYLED = 1 << 0,  // response_format is known
    TAMAR__DIALECT_IMAGES_FORMAT = 1 << 1,  // output_format
    TAMAR__DIALECT_IMAGES_QUALITY = 1 << 2,
    TAMAR__DIALECT_IMAGES_COUNT = 1 << 3,  // n
    TAMAR__DIALECT_IMAGES_SERIES = 1 << 4,  // several by sequential_image_generation
    TAMAR__DIALECT_IMAGES_STREAM = 1 << 5,
    TAMAR__DIALECT_IMAGES_SIZE = 1 << 6,
    TAMAR__DIALECT_IMAGES_SEED = 1 << 7,
    TAMAR__DIALECT_IMAGES_MANY = 1 << 8  // several pictures to start from, as an array
};

typedef struct tamar__dialect_images_row {
    const char *models;
    uint32_t takes;
    const char *source, *user;  // what a picture to start from, and the end user, are called; NULL: not taken
} tamar__dialect_images_row;

static const tamar__dialect_images_row *tamar__dialect_images_form(tamar_str model)
{
    static const tamar__dialect_images_row rows[] = {
        { "gpt-image*,chatgpt-image*",
          TAMAR__DIALECT_IMAGES_FORMAT | TAMAR__DIALECT_IMAGES_QUALITY | TAMAR__DIALECT_IMAGES_COUNT |
              TAMAR__DIALECT_IMAGES_STREAM | TAMAR__DIALECT_IMAGES_SIZE,
          NULL, "user" },
        { "dall-e-*",
          TAMAR__DIALECT_IMAGES_STYLED | TAMAR__DIALECT_IMAGES_QUALITY | TAMAR__DIALECT_IMAGES_COUNT |
              TAMAR__DIALECT_IMAGES_SIZE,
          NULL, "user" },
        { "cogview-*,glm-image*", TAMAR__DIALECT_IMAGES_QUALITY | TAMAR__DIALECT_IMAGES_SIZE, NULL, "user_id" },
        { "doubao-seedream*,seedream*",
          TAMAR__DIALECT_IMAGES_STYLED | TAMAR__DIALECT_IMAGES_FORMAT | TAMAR__DIALECT_IMAGES_SERIES |
              TAMAR__DIALECT_IMAGES_STREAM | TAMAR__DIALECT_IMAGES_SIZE | TAMAR__DIALECT_IMAGES_SEED |
              TAMAR__DIALECT_IMAGES_MANY,
          "image", NULL },
        { "irag-*,ernie-irag*,flux.1-*,qwen-image*,musesteamer*",
          TAMAR__DIALECT_IMAGES_COUNT | TAMAR__DIALECT_IMAGES_SIZE, "refer_image", "user" },
        { "grok-*image*", TAMAR__DIALECT_IMAGES_STYLED | TAMAR__DIALECT_IMAGES_COUNT, NULL, "user" },
        { "*",
          TAMAR__DIALECT_IMAGES_STYLED | TAMAR__DIALECT_IMAGES_QUALITY | TAMAR__DIALECT_IMAGES_COUNT |
              TAMAR__DIALECT_IMAGES_SIZE | TAMAR__DIALECT_IMAGES_SEED | TAMAR__DIALECT_IMAGES_FORMAT,
          NULL, "user" },
    };
    size_t i;
    for (i = 0; !tamar__model_listed(rows[i].models, model); i++) {}
    return &rows[i];
}

static bool tamar__dialect_images_takes(tamar__dialect_out *o, uint32_t takes, bool asked, const char *key,
                                        const char *refused)
{
    if (!asked) return false;
    if (takes) return tamar__dialect_key(o, key);
    tamar__talk_warn(o->notes, "unsupported", refused);
    return false;
}

static void tamar__dialect_images_encode(tamar__dialect_out *o)
{
    const tamar_request *rq = o->rq;
    const tamar__dialect_images_row *form = tamar__dialect_images_form(o->to->model);
    uint32_t takes = form->takes;
    const tamar_message *last = rq->message_count ? &rq->messages[rq->message_count - 1] : NULL;
    tamar_str prompt = tamar__str_z(rq->prompt ? rq->prompt : "");
    const tamar_part *parts = NULL;
    tamar_part one;
    size_t i, count = 0, pictures = 0;
    bool any;
    if (last) parts = tamar__talk_parts(last, &one, &count);
    if (!rq->prompt) prompt = tamar__dialect_joined(o, parts, count, TAMAR_PART_TEXT, &any);
    for (i = 0; i < count; i++)
        if (parts[i].type == TAMAR_PART_IMAGE) pictures++;
    if (pictures && !form->source) {
        o->refused = "request.messages: this model takes pictures to start from only as a multipart upload, which is "
                     "not built in: leave them out, or use a model that takes them in chat or in JSON (gemini, "
                     "seedream, openai-responses with the image_generation tool)";
        return;
    }
    if (rq->message_count > 1 || (rq->prompt && count > pictures) || rq->system)
        tamar__talk_warn(o->notes, "dropped", "an image has one prompt: earlier messages and system were left out");
    tamar_json_write_object(&o->w);
    if (tamar__dialect_key(o, "model")) tamar_json_write_string(&o->w, o->to->model.ptr, o->to->model.len);
    if (tamar__dialect_images_takes(o, takes & TAMAR__DIALECT_IMAGES_STREAM, rq->stream, "stream",
                                    "this model does not stream its pictures; they come at once"))
        tamar_json_write_bool(&o->w, true);
    if (rq->image_count > 1 && takes & TAMAR__DIALECT_IMAGES_SERIES) {
        if (tamar__dialect_key(o, "sequential_image_generation")) tamar__dialect_raw(o, "\"auto\"");
        if (tamar__dialect_key(o, "sequential_image_generation_options")) {
            tamar_json_write_object(&o->w);
            tamar_json_write_key(&o->w, "max_images");
            tamar_json_write_int(&o->w, rq->image_count);
            tamar_json_write_end(&o->w);
        }
    }
    else if (tamar__dialect_images_takes(o, takes & TAMAR__DIALECT_IMAGES_COUNT, rq->image_count > 1, "n",
                                         "this model makes one picture at a time; image_count was left out"))
        tamar_json_write_int(&o->w, rq->image_count);
    if (tamar__dialect_images_takes(o, takes & TAMAR__DIALECT_IMAGES_SIZE, rq->image_size != NULL, "size",
                                    "this model takes no image_size; it was left out"))
        tamar_json_write_string(&o->w, rq->image_size, strlen(rq->image_size));
    if (tamar__dialect_images_takes(o, takes & TAMAR__DIALECT_IMAGES_QUALITY, rq->image_quality != NULL, "quality",
                                    "this model takes no image_quality; it was left out"))
        tamar_json_write_string(&o->w, rq->image_quality, strlen(rq->image_quality));
    if (tamar__dialect_images_takes(o, takes & TAMAR__DIALECT_IMAGES_FORMAT, rq->image_format != NULL,
                                    "output_format", "this model takes no image_format; it was left out"))
        tamar_json_write_string(&o->w, rq->image_format, strlen(rq->image_format));
    if (tamar__dialect_images_takes(o, takes & TAMAR__DIALECT_IMAGES_SEED, rq->seed.set, "seed",
                                    "this model takes no seed; it was left out"))
        tamar_json_write_int(&o->w, rq->seed.value);
    if (rq->user && !form->user)
        tamar__talk_warn(o->notes, "unsupported", "this provider takes no end user id; it was left out");
    else if (rq->user && tamar__dialect_key(o, form->user))
        tamar_json_write_string(&o->w, rq->user, strlen(rq->user));
    if (o->extra.ptr) tamar__dialect_extra(o);
    if (pictures && tamar__dialect_key(o, form->source)) {
        bool many = pictures > 1 && takes & TAMAR__DIALECT_IMAGES_MANY;
        if (pictures > 1 && !many)
            tamar__talk_warn(o->notes, "unsupported", "this model starts from one picture; the others were left out");
        if (many) tamar_json_write_array(&o->w);
        for (i = 0; i < count; i++)
            if (parts[i].type == TAMAR_PART_IMAGE) {
                tamar_str url = tamar__dialect_media(o, &parts[i], tamar__dialect_image_mime(parts[i].data));
                tamar_json_write_string(&o->w, url.ptr, url.len);
                if (!many) break;
            }
        if (many) tamar_json_write_end(&o->w);
    }
    if (tamar__dialect_key(o, "prompt")) tamar_json_write_string(&o->w, prompt.ptr, prompt.len);
    tamar_json_write_end(&o->w);
}

// One picture, as JSON carries it. False: it is none.
static bool tamar__dialect_images_one(tamar__dialect_decoder *d, tamar_json v, tamar_json format)
{
    static const char *const names[] = { "b64_json", "b64_image", "base64", NULL };
    tamar_json data = tamar__dialect_first(v, names), url = tamar_json_get(v, "url");
    tamar_str text = tamar__dialect_text(d, data);
    tamar_image *image;
    if (text.len) {
        image = tamar__dialect_image_add(d);
        if (!image) return true;
        image->data = text;
        image->mime_type = tamar__str_z(tamar__dialect_base64_mime(text, format));
        return true;
    }
    if (tamar_json_type_of(v) == TAMAR_JSON_STRING) url = v;
    if (tamar__dialect_blank(url)) return false;
    tamar__dialect_image(d, url);
    return true;
}

static void tamar__dialect_images_document(tamar__dialect_decoder *d, tamar_str json)
{
    tamar_json v, list, key, item, error;
    tamar_json_iter it;
    int64_t seconds;
    if (!tamar__dialect_parsed(d, json, &v)) return;
    d->done = true;
    if (tamar__dialect_vendor_error(d, v, false)) return;
    tamar__dialect_first_text(d, &d->id, tamar_json_get(v, "id"));
    tamar__dialect_first_text(d, &d->model, tamar_json_get(v, "model"));
    if (tamar__json_lenient_int(tamar_json_get(v, "created"), &seconds) && seconds > 0) d->created = seconds;
    list = tamar_json_get(v, "data");
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) list = tamar_json_get(v, "images");
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) {
        if (!tamar__dialect_vendor_error(d, v, true))
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of images: ", json);
        return;
    }
    tamar__dialect_usage_of(d, tamar_json_get(v, "usage"));
    it = tamar_json_iterate(list);
    while (tamar_json_next(&it, &key, &item)) {
        tamar_json format = tamar_json_get(v, "output_format");
        error = tamar_json_get(item, "error");
        if (!tamar__dialect_images_one(d, item, format) && tamar_json_type_of(error) == TAMAR_JSON_OBJECT)
            tamar__talk_warn(&d->notes, "images", "a picture of several failed; the others are whole");
    }
    if (d->image_count || d->damaged) return;
    it = tamar_json_iterate(list);  // none at all: the first reason given
    while (d->error.category == TAMAR_OK && tamar_json_next(&it, &key, &item))
        tamar__dialect_vendor_error(d, item, false);
    if (d->error.category == TAMAR_OK)
        tamar__dialect_fail(d, TAMAR_EMPTY, "no picture came: perhaps the vendor's moderation held it back");
}

static void tamar__dialect_images_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    tamar_json v, type, error;
    tamar_str word;
    char buffer[64];
    d->effects += 2;
    data = tamar__str_trim(data);
    if (!data.len || tamar__str_starts(data, "[DONE]")) return;
    if (!tamar__dialect_parsed(d, data, &v)) return;
    type = tamar_json_get(v, "type");
    word = tamar__dialect_blank(type) ? event : tamar__dialect_short(type, buffer, sizeof buffer);
    error = tamar_json_get(v, "error");
    if (tamar__str_is(word, "image_generation.partial_failed"))
        tamar__talk_warn(&d->notes, "images", "a picture of several failed; the others are whole");
    else if (tamar_json_type_of(error) > TAMAR_JSON_NULL || tamar__str_is(word, "error")) {
        tamar__dialect_responses_failed(d, data);
        return;
    }
    if (tamar__str_is(word, "image_generation.completed") || tamar__str_is(word, "image_edit.completed") ||
        tamar__str_is(word, "image_generation.partial_succeeded")) {
        tamar__dialect_first_text(d, &d->model, tamar_json_get(v, "model"));
        tamar__dialect_images_one(d, v, tamar_json_get(v, "output_format"));
        tamar__dialect_usage_of(d, tamar_json_get(v, "usage"));
        if (!tamar__str_is(word, "image_generation.partial_succeeded")) {
            d->done = true;  // there may be another: it is over where the stream is
            if (!d->image_count && !d->damaged)
                tamar__dialect_fail(d, TAMAR_EMPTY, "no picture came: perhaps the vendor's moderation held it back");
        }
    }
    else d->heartbeat = true;  // a picture half done
}

// -- openai-models ---------------------------------------------------------------------------------

static void tamar__dialect_models_document(tamar__dialect_decoder *d, tamar_str json)
{
    static const char *const inputs[] = { "context_length", "context_window", "max_model_len", "max_context_length",
                                          "max_input_tokens", NULL };
    static const char *const outputs[] = { "max_output_tokens", "max_completion_tokens", NULL };
    tamar_json v, list, key, item, id;
    tamar_json_iter it;
    if (!tamar__dialect_parsed(d, json, &v)) return;
    d->done = true;
    list = tamar_json_type_of(v) == TAMAR_JSON_ARRAY ? v : tamar_json_get(v, "data");
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) {
        if (tamar__dialect_vendor_error(d, v, false)) return;
        list = tamar_json_get(v, "models");
    }
    it = tamar_json_iterate(list);
    if (tamar_json_type_of(list) == TAMAR_JSON_ARRAY && tamar_json_get(tamar_json_index(list, 0), "error").ptr &&
        tamar__dialect_vendor_error(d, v, false))
        return;
    if (tamar_json_type_of(list) != TAMAR_JSON_ARRAY) {
        if (!tamar__dialect_vendor_error(d, v, true))
            tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no list of models: ", json);
        return;
    }
    while (tamar_json_next(&it, &key, &item) && !d->damaged) {
        tamar_model *m;
        tamar_str text;
        id = tamar_json_get(item, "id");
        if (tamar__dialect_blank(id)) id = tamar_json_get(item, "name");
        if (tamar__dialect_blank(id)) continue;
        text = tamar__dialect_text(d, id);
        m = text.len ? tamar__dialect_model(d, text, tamar_json_get(item, "name")) : NULL;
        if (!m) continue;
        tamar__json_lenient_int(tamar__dialect_first(item, inputs), &m->input_tokens);
        if (!tamar__json_lenient_int(tamar__dialect_first(item, outputs), &m->output_tokens))
            tamar__json_lenient_int(tamar_json_at(item, "top_provider/max_completion_tokens"), &m->output_tokens);
    }
}

// -- dialects of the user's ------------------------------------------------------------------------

typedef struct tamar__dialect_registered {
    tamar__dialect d;  // first
    tamar_dialect user;
} tamar__dialect_registered;

static const tamar_dialect *tamar__dialect_user(const tamar__dialect *d)
{
    return &((const tamar__dialect_registered *)(const void *)d)->user;
}

static void tamar__dialect_user_encode(tamar__dialect_out *o)
{
    const tamar_dialect *user = tamar__dialect_user(o->dialect);
    tamar_draft draft;
    memset(&draft, 0, sizeof draft);
    draft.request = o->rq;
    draft.provider = o->to->provider;
    draft.profile = o->to->profile;
    draft.model = o->to->model.ptr;  // the call's own copy, which ends with a NUL
    draft.body = &o->w;
    draft.own = o;
    o->refused = user->encode(user->user_data, &draft);
}

static void tamar__dialect_user_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    const tamar_dialect *user = tamar__dialect_user(d->dialect);
    d->effects += 2;  // it may look at more than the record: not for the memo
    if (user->record) user->record(user->user_data, (tamar_reply *)(void *)d, event, data);
}

static void tamar__dialect_user_document(tamar__dialect_decoder *d, tamar_str json)
{
    const tamar_dialect *user = tamar__dialect_user(d->dialect);
    tamar_json v;
    tamar_json_error why;
    if (!tamar_json_parse(json.ptr, json.len, &v, &why)) {
        if (why.status == TAMAR_JSON_TRUNCATED)
            tamar__dialect_fail(d, TAMAR_TRUNCATED, "the connection ended before the answer did");
        else tamar__dialect_fail_with(d, TAMAR_PARSE, "the answer is not valid JSON: ", json);
        return;
    }
    if (user->document) user->document(user->user_data, (tamar_reply *)(void *)d, v);
    d->done = true;
    if (d->error.category == TAMAR_OK && !d->damaged && !d->committed && !d->finish_raw.len && !d->id.len &&
        !d->usage.total_tokens.set)
        tamar__dialect_fail_with(d, TAMAR_PROTO, "the server sent something that is no answer: ", json);
}

// The one of a list with this name, and of this kind where that matters. NULL: there is none.
static const tamar_dialect *tamar__dialect_user_named(const tamar_dialect *const *list, size_t count, tamar_str name,
                                                      const tamar_kind *kind)
{
    size_t i;
    for (i = 0; i < count; i++)
        if (list[i] && list[i]->size == sizeof **list && list[i]->name && tamar__str_is(name, list[i]->name) &&
            (!kind || list[i]->kind == *kind))
            return list[i];
    return NULL;
}

// Made ready for use. Its texts are borrowed. NULL: memory is out.
static const tamar__dialect *tamar__dialect_register(tamar__arena *a, const tamar_dialect *user)
{
    tamar__dialect_registered *r = (tamar__dialect_registered *)tamar__arena_get(a, sizeof *r);
    if (!r) return NULL;
    r->user = *user;
    r->d.name = user->name;
    r->d.kind = user->kind;
    r->d.method = user->method ? user->method : user->encode ? "POST" : "GET";
    r->d.path = user->path ? user->path : "";
    r->d.stream_path = user->stream_path;
    r->d.encode = user->encode ? tamar__dialect_user_encode : NULL;
    r->d.record = tamar__dialect_user_record;
    r->d.document = tamar__dialect_user_document;
    r->d.framing = user->lines ? TAMAR__DIALECT_LINES : TAMAR__DIALECT_EVENTS;
    r->d.finish_proves = user->finish_proves;
    return &r->d;
}

// The call with this number of the dialect's own.
static tamar__dialect_call *tamar__dialect_user_call(tamar__dialect_decoder *d, int64_t number, bool begin)
{
    size_t i;
    for (i = d->call_count; i > 0; i--)
        if (d->calls[i - 1]->index == number) return d->calls[i - 1];
    return begin ? tamar__dialect_call_add(d, number) : NULL;
}

static void tamar__dialect_user_fail(tamar__dialect_decoder *d, tamar_category category, tamar_json code,
                                     tamar_json message)
{
    char word[128];
    tamar_str text = tamar__dialect_text(d, message);
    const char *kept = tamar__dialect_keep(d, tamar__str_trim(text), 4096);
    if (d->error.category) return;
    d->error.code = tamar__dialect_word(d, code);
    if (category == TAMAR_OK)
        category = tamar__policy_classify(d->status < 400 ? 0 : d->status,
                                          tamar__dialect_short(code, word, sizeof word), tamar__str_make("", 0), text,
                                          tamar__dialect_hint(d));
    tamar__dialect_fail(d, category, *kept ? kept : "the server refused the request and gave no reason");
}

// -- the table -------------------------------------------------------------------------------------

static const tamar__dialect *tamar__dialect_table(size_t *count)
{
    static const tamar__dialect table[] = {
        { "openai-chat", TAMAR_KIND_CHAT, NULL, "POST", "/chat/completions", NULL, tamar__dialect_chat_encode,
          tamar__dialect_chat_record, tamar__dialect_chat_document, false, true },
        { "anthropic-messages", TAMAR_KIND_CHAT, NULL, "POST", "/v1/messages", NULL, tamar__dialect_claude_encode,
          tamar__dialect_claude_record, tamar__dialect_claude_document, false, false },
        { "anthropic-count-tokens", TAMAR_KIND_TOKENS, "anthropic-messages", "POST", "/v1/messages/count_tokens", NULL,
          tamar__dialect_claude_encode, tamar__dialect_no_stream, tamar__dialect_claude_tokens_document, false, false },
        { "anthropic-models", TAMAR_KIND_MODELS, "anthropic-messages", "GET", "/v1/models?limit=1000", NULL,
          tamar__dialect_claude_models_encode, tamar__dialect_no_stream, tamar__dialect_claude_models_document, false,
          false },
        { "gemini-generate", TAMAR_KIND_CHAT, NULL, "POST", "/v1beta/models/{model}:generateContent", NULL,
          tamar__dialect_gemini_encode, tamar__dialect_gemini_record, tamar__dialect_gemini_document,
          TAMAR__DIALECT_ARRAY, true },
        { "gemini-images", TAMAR_KIND_IMAGES, "gemini-generate", "POST", "/v1beta/models/{model}:generateContent", NULL,
          tamar__dialect_gemini_images_encode, tamar__dialect_gemini_record, tamar__dialect_gemini_document,
          TAMAR__DIALECT_ARRAY, true },
        { "gemini-embeddings", TAMAR_KIND_EMBEDDINGS, "gemini-generate", "POST", "/v1beta/models/{model}:embedContent",
          NULL, tamar__dialect_gemini_embed_encode, tamar__dialect_gemini_record, tamar__dialect_gemini_document,
          TAMAR__DIALECT_EVENTS, false },
        { "gemini-models", TAMAR_KIND_MODELS, "gemini-generate", "GET", "/v1beta/models?pageSize=1000", NULL,
          tamar__dialect_gemini_models_encode, tamar__dialect_gemini_record, tamar__dialect_gemini_document,
          TAMAR__DIALECT_EVENTS, false },
        { "gemini-count-tokens", TAMAR_KIND_TOKENS, "gemini-generate", "POST", "/v1beta/models/{model}:countTokens",
          NULL, tamar__dialect_gemini_tokens_encode, tamar__dialect_gemini_record, tamar__dialect_gemini_document,
          TAMAR__DIALECT_EVENTS, false },
        { "ollama-chat", TAMAR_KIND_CHAT, NULL, "POST", "/api/chat", NULL, tamar__dialect_ollama_encode,
          tamar__dialect_ollama_record, tamar__dialect_ollama_document, true, false },
        { "ollama-embeddings", TAMAR_KIND_EMBEDDINGS, "ollama-chat", "POST", "/api/embed", NULL,
          tamar__dialect_ollama_embed, tamar__dialect_ollama_record, tamar__dialect_ollama_vectors, false, false },
        { "ollama-models", TAMAR_KIND_MODELS, "ollama-chat", "GET", "/api/tags", NULL, NULL,
          tamar__dialect_ollama_record, tamar__dialect_ollama_tags, false, false },
        { "tamar-invoke", TAMAR_KIND_CHAT, NULL, "POST", "/v1/invoke", NULL, tamar__dialect_invoke_encode,
          tamar__dialect_invoke_record, tamar__dialect_invoke_document, false, false },
        { "tamar-images", TAMAR_KIND_IMAGES, "tamar-invoke", "POST", "/v1/invoke", NULL, tamar__dialect_invoke_images,
          tamar__dialect_invoke_record, tamar__dialect_invoke_document, false, false },
        { "tamar-batch", TAMAR_KIND_BATCH, "tamar-invoke", "POST", "/v1/batch-invoke", NULL,
          tamar__dialect_batch_encode, tamar__dialect_invoke_record, tamar__dialect_batch_document, false, false },
#if !TAMAR_NO_NATIVE
        { "dashscope-native", TAMAR_KIND_CHAT, NULL, "POST", "/services/aigc/text-generation/generation", NULL,
          tamar__dialect_scope_encode, tamar__dialect_scope_record, tamar__dialect_scope_document, false, true },
        { "dashscope-embeddings", TAMAR_KIND_EMBEDDINGS, "dashscope-native", "POST",
          "/services/embeddings/text-embedding/text-embedding", NULL, tamar__dialect_scope_embed,
          tamar__dialect_scope_record, tamar__dialect_scope_vectors, false, false },
        { "dashscope-images", TAMAR_KIND_IMAGES, "dashscope-native", "POST",
          "/services/aigc/text2image/image-synthesis", NULL, tamar__dialect_scope_images, tamar__dialect_scope_record,
          tamar__dialect_scope_task, false, false },
        { "dashscope-task", TAMAR_KIND_IMAGES, NULL, "GET", "/tasks/{model}", NULL, NULL, tamar__dialect_scope_record,
          tamar__dialect_scope_task, false, false },
        { "hunyuan-native", TAMAR_KIND_CHAT, NULL, "POST", "/", NULL, tamar__dialect_hunyuan_encode,
          tamar__dialect_hunyuan_record, tamar__dialect_hunyuan_document, false, true },
#endif
        { "openai-responses", TAMAR_KIND_CHAT, NULL, "POST", "/responses", NULL, tamar__dialect_responses_encode,
          tamar__dialect_responses_record, tamar__dialect_responses_document, false, false },
        { "openai-count-tokens", TAMAR_KIND_TOKENS, "openai-chat,openai-responses", "POST", "/responses/input_tokens",
          NULL, tamar__dialect_count_encode, tamar__dialect_no_stream, tamar__dialect_count_document, false, false },
        { "openai-embeddings", TAMAR_KIND_EMBEDDINGS, "openai-chat,openai-responses", "POST", "/embeddings", NULL,
          tamar__dialect_embeddings_encode, tamar__dialect_no_stream, tamar__dialect_embeddings_document, false,
          false },
        { "openai-images", TAMAR_KIND_IMAGES, "openai-chat,openai-responses", "POST", "/images/generations", NULL,
          tamar__dialect_images_encode, tamar__dialect_images_record, tamar__dialect_images_document, false, false },
        { "openai-models", TAMAR_KIND_MODELS, "openai-chat,openai-responses", "GET", "/models", NULL, NULL,
          tamar__dialect_no_stream, tamar__dialect_models_document, false, false },
    };
    *count = sizeof table / sizeof *table;
    return table;
}

static const tamar__dialect *tamar__dialect_named(tamar_str name)
{
    size_t i, count;
    const tamar__dialect *table = tamar__dialect_table(&count);
    for (i = 0; i < count; i++)
        if (tamar__str_is(name, table[i].name)) return &table[i];
    return NULL;
}

// The dialect for this kind of request where chats speak `api`.
static const tamar__dialect *tamar__dialect_for(tamar_str api, tamar_kind kind)
{
    size_t i, count;
    const tamar__dialect *table = tamar__dialect_table(&count);
    for (i = 0; i < count; i++)
        if (table[i].kind == kind && (table[i].serves ? tamar__model_listed(table[i].serves, api)
                                                      : tamar__str_is(api, table[i].name)))
            return &table[i];
    return NULL;
}

// The body, with room for a head in front of it, and what else of the request the dialect decides. NULL, or what is
// wrong.
static const char *tamar__dialect_encode(const tamar__dialect *dialect, const tamar_request *rq,
                                         const tamar__model_target *to, tamar__arena *arena, tamar__talk_notes *notes,
                                         tamar__dialect_out *o, tamar_str *body)
{
    tamar_allocator in = tamar__arena_allocator(arena);
    memset(o, 0, sizeof *o);
    o->arena = arena;
    o->rq = rq;
    o->to = to;
    o->notes = notes;
    o->dialect = dialect;
    o->path = rq->stream && dialect->stream_path ? dialect->stream_path : dialect->path;
    if (rq->extra) tamar_json_parse(rq->extra, strlen(rq->extra), &o->extra, NULL);
    body->ptr = NULL;
    body->len = 0;
    if (!strcmp(dialect->method, "GET")) {  // nothing but headers and path
        if (dialect->encode) dialect->encode(o);
        return o->starved ? tamar__base_no_memory() : o->refused;
    }
    tamar_json_write_growing(&o->w, &in, SIZE_MAX / 2);
    tamar__json_write_gap(&o->w, TAMAR__DIALECT_HEAD_ROOM);
    dialect->encode(o);
    if (o->starved) return tamar__base_no_memory();
    if (o->refused) return o->refused;
    if (tamar_json_writer_end(&o->w, body)) {
        if (o->w.replaced)
            tamar__talk_warn(notes, "utf8", "text of the request is not UTF-8; U+FFFD was sent for the bad bytes");
        return NULL;
    }
    return o->w.status == TAMAR_JSON_MISUSE || o->w.status == TAMAR_JSON_TOO_DEEP
               ? "request: a schema, an opaque part or extra is nested so deep that the body would pass 64 levels"
               : tamar__base_no_memory();
}

// What stands behind the host of a URL: path and query.
// Do these two dialects belong to one family, by the first word of their names?
static bool tamar__dialect_related(const char *a, const char *b)
{
    size_t n = strcspn(a, "-");
    return n == strcspn(b, "-") && !memcmp(a, b, n);
}

static tamar_str tamar__dialect_url_tail(tamar_str url)  // path and query
{
    size_t at = tamar__str_at(url, ':') + 3;  // behind ://
    if (at > url.len) at = 0;
    while (at < url.len && url.ptr[at] != '/' && url.ptr[at] != '?') at++;
    return tamar__str_make(url.ptr + at, url.len - at);
}

static void tamar__dialect_url_put(tamar__str_buf *out, tamar_str text, tamar_str model)
{
    while (text.len) {
        size_t n = tamar__str_at(text, '{');
        tamar__str_put(out, text.ptr, n);
        if (n < text.len) {  // {model}
            tamar__url_segment(out, model);
            n += tamar__str_at(tamar__str_make(text.ptr + n, text.len - n), '}') + 1;
            if (n > text.len) n = text.len;
        }
        text.ptr += n;
        text.len -= n;
    }
}

static bool tamar__dialect_url_version(const char *p, size_t len)  // v1, v1beta, ...
{
    return len > 1 && p[0] == 'v' && p[1] >= '0' && p[1] <= '9';
}

// The base URL as users write it, and the path behind it: with and without a trailing slash, with as much of the
// path as they already gave, with and without what the provider's own address (home: its path and query) has behind
// the host. Query strings are kept. A deployment in the path is only for what deployments do.
static bool tamar__dialect_url(tamar__str_buf *out, tamar_str base, tamar_str home, const char *path, tamar_str model)
{
    tamar_str rest = tamar__str_z(path), old, tail;
    size_t query = tamar__str_at(base, '?'), n = tamar__str_at(rest, '?'), had = 0, begin = out->len, i;
    const char *slash;
    tail = tamar__str_make(base.ptr + query, base.len - query);
    base.len = query;
    while (base.len && base.ptr[base.len - 1] == '/') base.len--;
    if (!strncmp(path, "/api/", 5) && base.len > 3 && !memcmp(base.ptr + base.len - 3, "/v1", 3))
        base.len -= 3;  // the address of the same server's other dialect
    for (slash = path; slash; slash = slash < path + n ? (const char *)memchr(slash + 1, '/', rest.len) : NULL) {
        // the longest beginning of the path that base already ends with
        i = slash == path ? n : (size_t)(slash - path);
        if (i > n) break;
        if (i > had && base.len >= i && base.ptr[base.len - 1] == path[i - 1] &&
            !memcmp(base.ptr + base.len - i, path, i))
            had = i;
        rest.len = n - (size_t)(slash - path) - (slash < path + n ? 1 : 0);
    }
    query = tamar__str_at(home, '?');
    if (tail.len <= 1) tail = tamar__str_make(home.ptr + query, home.len - query);
    home.len = query;
    old = tamar__dialect_url_tail(base);
    if (!had && old.len && tamar__dialect_url_version(path + 1, n ? n - 1 : 0)) {
        for (i = base.len; base.ptr[i - 1] != '/'; i--) {}
        if (tamar__dialect_url_version(base.ptr + i, base.len - i))  // another version, e.g. /v1 for /v1beta: theirs
            for (had = 1; had < n && path[had] != '/'; had++) {}
    }
    tamar__dialect_url_put(out, base, model);
    // what base has is a beginning of home's path, or nothing: then home tells what is missing of it
    if (!had && strncmp(path, "/v1", 3) && strncmp(path, "/api/", 5) && home.len > old.len &&
        (!old.len || home.ptr[old.len] == '/') && !memcmp(home.ptr, old.ptr, old.len))
        tamar__dialect_url_put(out, tamar__str_make(home.ptr + old.len, home.len - old.len), model);
    if (!strncmp(path, "/models", 7) || !strncmp(path, "/responses", 10)) {
        i = begin + tamar__str_find(tamar__str_make(out->ptr ? out->ptr + begin : "", out->len - begin),
                                    "/deployments/", false);
        if (i < out->len) out->len = i;
    }
    tamar__dialect_url_put(out, tamar__str_z(path + had), model);
    if (tail.len > 1) {
        tamar__str_putc(out, path[n] ? '&' : '?');
        tamar__str_put(out, tail.ptr + 1, tail.len - 1);
    }
    return !out->full;
}

// =================================================================================================
// >>os  sockets, names, clock, entropy, environment, system libraries | uses: base arena str log
// The only section that knows which system this is. Everything above it is handed its time, its random
// numbers and its bytes; everything below it sees the seams of the public part, filled in here.
//
// A socket is the system's own descriptor. What is watched stands in one open-addressed table keyed by
// it (descriptors are small and dense, so a slot is nearly always hit at once); the kernel is told only
// what changed. A request on a connection that is kept alive costs send, epoll_wait and recv, no more.
//
// getaddrinfo blocks, so it runs in a helper thread, one a lookup, at most 16. The thread shares no
// memory with anybody: it is handed one end of a socket pair, reads the name from it, writes the answer
// into it and is gone. Forgetting a lookup closes our end; the thread's answer then goes nowhere.
// Numeric hosts and localhost (RFC 6761) ask nobody. Forms that only inet_aton understands, such as
// 127.1 or 0x7f000001, are neither addresses nor names: they would let a host be somebody else.
// =================================================================================================

#if defined(_WIN32)
#if defined(_WINSOCKAPI_) && !defined(_WINSOCK2API_)
#error "windows.h was included with the old winsock: include tamar_llm.h before it, or define WIN32_LEAN_AND_MEAN"
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <stdlib.h>
#if defined(_MSC_VER)
#pragma comment(lib, "ws2_32")
#endif
#define TAMAR__OS_EPOLL 0
#else
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif
#if !TAMAR_NO_TLS
#include <dirent.h>
#include <dlfcn.h>
#endif
#if !TAMAR_NO_SOCKETS
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#if !TAMAR_NO_THREADS
#include <pthread.h>
#include <signal.h>
#endif
#ifndef TAMAR__OS_EPOLL  // the tests build the poll part on Linux, too
#if defined(__linux__)
#define TAMAR__OS_EPOLL 1
#else
#define TAMAR__OS_EPOLL 0
#endif
#endif
#if TAMAR__OS_EPOLL
#include <sys/epoll.h>
#include <sys/eventfd.h>
#endif
#if !defined(AI_ADDRCONFIG) || !defined(SO_KEEPALIVE)
#error "the system headers hide their sockets: include tamar_llm.h first, or compile with -std=gnu99 or -D_GNU_SOURCE"
#endif
#endif
#if !defined(CLOCK_MONOTONIC)
#error "the system headers hide clock_gettime: include tamar_llm.h first, or compile with -std=gnu99 or -D_GNU_SOURCE"
#endif
#endif

// Where a libssl is opened at run time, and by which names. Windows has Schannel, macOS aborts a program
// that opens the system's own by its plain name.
#if TAMAR_NO_TLS || defined(_WIN32)
#define TAMAR__OS_HAS_LIBSSL 0
#elif defined(__APPLE__)
#define TAMAR__OS_HAS_LIBSSL 1
#define TAMAR__OS_LIBSSL                                                                                             \
    "/opt/homebrew/opt/openssl@3/lib/libssl.3.dylib", "/usr/local/opt/openssl@3/lib/libssl.3.dylib"
#define TAMAR__OS_LIBSSL_CURE "looked for Homebrew's: brew install openssl@3"
#elif defined(__linux__)
#define TAMAR__OS_HAS_LIBSSL 1
#define TAMAR__OS_LIBSSL "libssl.so.3", "libssl.so.1.1", "libssl.so.4", "libssl.so"
#define TAMAR__OS_LIBSSL_CURE                                                                                        \
    "looked for libssl.so.3, libssl.so.1.1, libssl.so.4 and libssl.so: install libssl3 or openssl"
#else  // FreeBSD counts 30 for 3.0 and 111 for 1.1.1; OpenBSD's loader finds the newest of the plain name
#define TAMAR__OS_HAS_LIBSSL 1
#define TAMAR__OS_LIBSSL "libssl.so.3", "libssl.so.35", "libssl.so.30", "libssl.so.111", "libssl.so.1.1", "libssl.so"
#define TAMAR__OS_LIBSSL_CURE "looked for libssl.so of OpenSSL 1.1, 3 or LibreSSL: install openssl"
#endif

// -- clock, entropy, environment -------------------------------------------------------------------

#if defined(_WIN32)
static uint64_t tamar__os_now_us(void *user_data)
{
    LARGE_INTEGER ticks, rate;
    uint64_t t, r;
    (void)user_data;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&rate);
    t = (uint64_t)ticks.QuadPart;
    r = (uint64_t)rate.QuadPart;
    return t / r * 1000000 + t % r * 1000000 / r;  // in two steps: ticks * 1000000 would overflow within days
}

static int64_t tamar__os_unix_ms(void *user_data)
{
    FILETIME t;
    (void)user_data;
    GetSystemTimeAsFileTime(&t);  // 100 ns since 1601
    return (int64_t)(((uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime) / 10000) - INT64_C(11644473600000);
}

static bool tamar__os_fill(void *user_data, void *out, size_t len)
{
    typedef LONG(WINAPI * generate_fn)(void *, unsigned char *, ULONG, ULONG);
    HMODULE library = LoadLibraryA("bcrypt.dll");
    FARPROC found = library ? GetProcAddress(library, "BCryptGenRandom") : NULL;
    generate_fn generate;
    bool good = false;
    (void)user_data;
    if (found && len <= 0x7fffffff) {
        memcpy(&generate, &found, sizeof generate);
        good = generate(NULL, (unsigned char *)out, (ULONG)len, 2) >= 0;  // 2: the system's preferred generator
    }
    if (library) FreeLibrary(library);
    return good;
}
#else
static uint64_t tamar__os_now_us(void *user_data)
{
    struct timespec t;
    (void)user_data;
#if defined(CLOCK_BOOTTIME)
    // Goes on while a laptop sleeps, as the clocks of macOS and Windows do: deadlines pass, idle connections age.
    if (clock_gettime(CLOCK_BOOTTIME, &t) != 0)
#endif
        clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int64_t tamar__os_unix_ms(void *user_data)
{
    struct timespec t;
    (void)user_data;
    if (clock_gettime(CLOCK_REALTIME, &t) != 0) return 0;
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#if defined(__APPLE__) || defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__) ||                     \
    defined(__DragonFly__)
static bool tamar__os_fill(void *user_data, void *out, size_t len)
{
    (void)user_data;
    arc4random_buf(out, len);
    return true;
}
#else
static bool tamar__os_fill(void *user_data, void *out, size_t len)
{
    char *at = (char *)out;
    int fd, interrupted = 0;
    (void)user_data;
#if defined(SYS_getrandom)
    while (len) {  // by number, for C libraries older than the call
        long n = syscall(SYS_getrandom, at, tamar__base_min(len, 256), 0);
        if (n < 0 && errno == EINTR && interrupted++ < 100) continue;
        if (n <= 0) break;
        at += n;
        len -= (size_t)n;
    }
    if (!len) return true;
#endif
    fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    while (len) {
        ssize_t n = read(fd, at, len);
        if (n < 0 && errno == EINTR && interrupted++ < 100) continue;
        if (n <= 0) break;
        at += n;
        len -= (size_t)n;
    }
    close(fd);
    return !len;
}
#endif
#endif

static const char *tamar__os_get(void *user_data, const char *name)
{
    (void)user_data;
#if defined(_MSC_VER)
#pragma warning(suppress : 4996)
#endif
    return getenv(name);
}

TAMAR__BASE_UNUSED static tamar_clock tamar__os_clock(void)
{
    tamar_clock c;
    c.now_us = tamar__os_now_us;
    c.unix_ms = tamar__os_unix_ms;
    c.user_data = NULL;
    return c;
}

TAMAR__BASE_UNUSED static tamar_random tamar__os_random(void)
{
    tamar_random r;
    r.fill = tamar__os_fill;
    r.user_data = NULL;
    return r;
}

TAMAR__BASE_UNUSED static tamar_environment tamar__os_environment(void)
{
    tamar_environment e;
    e.get = tamar__os_get;
    e.user_data = NULL;
    return e;
}

// -- system libraries ------------------------------------------------------------------------------

#if TAMAR__OS_HAS_LIBSSL
// The first of these names that loads; NULL: none. Never closed again: a library that has started threads' keys and
// exit handlers of its own does not survive that everywhere, and a second opening costs nothing.
TAMAR__BASE_UNUSED static void *tamar__os_library(const char *const *names)
{
    void *library = NULL;
    while (!library && *names) library = dlopen(*names++, RTLD_LAZY | RTLD_LOCAL);
    return library;
}

// Looks in the library and in what it was linked with. *function_out is a function pointer of the right type; it is
// copied as bytes because C knows no conversion from void *.
TAMAR__BASE_UNUSED static bool tamar__os_symbol(void *library, const char *name, void *function_out)
{
    void *found = dlsym(library, name);
    memcpy(function_out, &found, sizeof found);
    return found != NULL;
}

TAMAR__BASE_UNUSED static bool tamar__os_readable(const char *path) { return access(path, R_OK) == 0; }

// A certificate directory as c_rehash makes it: it holds names like 5ed36f99.0, so one issuer can be found alone.
TAMAR__BASE_UNUSED static bool tamar__os_hashed(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool found = false;
    int budget = 4096, i;
    if (!directory) return false;
    while (!found && budget-- && (entry = readdir(directory)) != NULL) {
        const char *n = entry->d_name;
        for (i = 0; (n[i] >= '0' && n[i] <= '9') || (n[i] >= 'a' && n[i] <= 'f'); i++) {}
        found = i == 8 && n[8] == '.' && n[9] >= '0' && n[9] <= '9' && n[10] == 0;
    }
    closedir(directory);
    return found;
}
#endif

// -- addresses -------------------------------------------------------------------------------------

// Exactly four decimal numbers up to 255, without leading zeros (which inet_aton reads as octal).
static bool tamar__os_ipv4(const char *p, size_t len, uint8_t *out)
{
    size_t i = 0;
    int part;
    for (part = 0; part < 4; part++) {
        size_t first;
        unsigned v = 0;
        if (part && (i == len || p[i++] != '.')) return false;
        for (first = i; i < len && i - first < 3 && p[i] >= '0' && p[i] <= '9'; i++)
            v = v * 10 + (unsigned)(p[i] - '0');
        if (i == first || v > 255 || (p[first] == '0' && i - first > 1)) return false;
        out[part] = (uint8_t)v;
    }
    return i == len;
}

static int tamar__os_hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// RFC 4291 section 2.2, all three forms.
static bool tamar__os_ipv6(const char *p, size_t len, uint8_t *out)
{
    size_t i = 0, count = 0, gap = 99;  // bytes so far, and how many of them stand before the "::"
    uint8_t b[16];
    memset(b, 0, sizeof b);
    if (len >= 2 && p[0] == ':' && p[1] == ':') {
        gap = 0;
        i = 2;
    }
    while (i < len) {
        size_t first = i;
        unsigned v = 0;
        for (; i < len && i - first < 4 && tamar__os_hex(p[i]) >= 0; i++) v = v * 16 + (unsigned)tamar__os_hex(p[i]);
        if (i < len && p[i] == '.') {
            if (count > 12 || !tamar__os_ipv4(p + first, len - first, b + count)) return false;
            count += 4;
            break;
        }
        if (i == first || count > 14) return false;
        b[count++] = (uint8_t)(v >> 8);
        b[count++] = (uint8_t)v;
        if (i == len) break;
        if (p[i++] != ':' || i == len) return false;
        if (p[i] == ':') {
            if (gap != 99) return false;
            gap = count;
            i++;
        }
    }
    if (gap == 99 ? count != 16 : count > 14) return false;
    if (gap == 99) gap = count;
    memset(out, 0, 16);
    memcpy(out, b, gap);
    memcpy(out + 16 - (count - gap), b + gap, count - gap);
    return true;
}

// The zone of a link-local address: its number, or the name of a network interface.
static bool tamar__os_zone(tamar_str zone, uint32_t *scope)
{
    uint64_t number;
    if (tamar__str_uint(zone, &number)) {
        *scope = (uint32_t)number;
        return number <= UINT32_MAX;
    }
#if !TAMAR_NO_SOCKETS && !defined(_WIN32)
    if (zone.len && zone.len < IF_NAMESIZE) {
        char name[IF_NAMESIZE];
        memcpy(name, zone.ptr, zone.len);
        name[zone.len] = 0;
        *scope = if_nametoindex(name);
        return *scope != 0;
    }
#endif
    return false;
}

// A numeric host: 192.0.2.1, 2001:db8::1, fe80::1%eth0, and the latter two in brackets. Asks nobody.
TAMAR__BASE_UNUSED static bool tamar__os_address(const char *host, uint16_t port, tamar_address *out)
{
    tamar_str h = tamar__str_z(host);
    size_t percent;
    bool brackets = h.len >= 2 && h.ptr[0] == '[' && h.ptr[h.len - 1] == ']';
    memset(out, 0, sizeof *out);
    out->port = port;
    if (!brackets && tamar__os_ipv4(h.ptr, h.len, out->bytes)) {
        out->family = 4;
        return true;
    }
    memset(out->bytes, 0, sizeof out->bytes);
    if (brackets) h = tamar__str_make(h.ptr + 1, h.len - 2);
    percent = tamar__str_find(h, "%", false);
    if (!tamar__os_ipv6(h.ptr, percent, out->bytes)) return false;
    out->family = 6;
    return percent == h.len || tamar__os_zone(tamar__str_make(h.ptr + percent + 1, h.len - percent - 1), &out->scope);
}

TAMAR__BASE_UNUSED static bool tamar__os_is_loopback(const tamar_address *a)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t one[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    if (a->family == 4) return a->bytes[0] == 127;
    if (a->family != 6) return false;
    return memcmp(a->bytes, one, 16) == 0 || (memcmp(a->bytes, mapped, 12) == 0 && a->bytes[12] == 127);
}

#if !TAMAR_NO_SOCKETS

// localhost and what is below it, RFC 6761 section 6.3.
static bool tamar__os_is_local(tamar_str host)
{
    static const char name[] = "localhost";
    size_t n = sizeof name - 1;
    if (host.len && host.ptr[host.len - 1] == '.') host.len--;
    if (host.len < n || !tamar__str_is_nocase(tamar__str_make(host.ptr + host.len - n, n), name)) return false;
    return host.len == n || host.ptr[host.len - n - 1] == '.';
}

// A label that inet_aton takes for a number: digits, or hexadecimal ones after 0x.
static bool tamar__os_is_number(tamar_str label)
{
    size_t i = label.len >= 2 && label.ptr[0] == '0' && tamar__str_lower(label.ptr[1]) == 'x' ? 2 : 0;
    bool hex = i != 0;
    for (; i < label.len; i++)
        if (hex ? tamar__os_hex(label.ptr[i]) < 0 : label.ptr[i] < '0' || label.ptr[i] > '9') return false;
    return true;
}

// Something to ask the name service for: labels of letters, digits, - and _, the last of which is no number.
static bool tamar__os_is_name(tamar_str host)
{
    size_t i, first = 0;
    if (host.len && host.ptr[host.len - 1] == '.') host.len--;
    if (!host.len || host.len > 253) return false;
    for (i = 0; i < host.len; i++) {
        char c = tamar__str_lower(host.ptr[i]);
        if (c == '.') {
            if (i == first) return false;
            first = i + 1;
        }
        else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_') || i - first >= 63)
            return false;
    }
    return i > first && !tamar__os_is_number(tamar__str_make(host.ptr + first, host.len - first));
}

// -- sockets ---------------------------------------------------------------------------------------

#if defined(_WIN32)
typedef SOCKET tamar__os_fd;
#define TAMAR__OS_NONE INVALID_SOCKET
#define TAMAR__OS_SLOT(fd) ((size_t)(fd) >> 2)  // handles are multiples of 4
#define TAMAR__OS_NOSIGNAL 0

static int tamar__os_last(void) { return WSAGetLastError(); }
static void tamar__os_shut(tamar__os_fd fd) { closesocket(fd); }
static bool tamar__os_interrupted(int error) { return error == WSAEINTR; }
static bool tamar__os_in_progress(int error) { return error == WSAEWOULDBLOCK || error == WSAEINPROGRESS; }

static int tamar__os_error(int error, bool connecting)
{
    switch (error) {
    case WSAEWOULDBLOCK:
    case WSAEINTR: return TAMAR_IO_AGAIN;
    case WSAECONNREFUSED: return TAMAR_IO_REFUSED;
    case WSAECONNRESET:
    case WSAECONNABORTED:
    case WSAENETRESET:
    case WSAESHUTDOWN:
    case WSAENOTCONN: return TAMAR_IO_RESET;
    case WSAETIMEDOUT: return connecting ? TAMAR_IO_UNREACHABLE : TAMAR_IO_RESET;
    case WSAENETUNREACH:
    case WSAEHOSTUNREACH:
    case WSAENETDOWN:
    case WSAEHOSTDOWN:
    case WSAEADDRNOTAVAIL:
    case WSAEAFNOSUPPORT:
    case WSAEACCES: return TAMAR_IO_UNREACHABLE;
    case WSAEMFILE:
    case WSAENOBUFS: return TAMAR_IO_LIMIT;
    default: return TAMAR_IO_ERROR;
    }
}

static bool tamar__os_nonblocking(tamar__os_fd fd)
{
    u_long yes = 1;
    return ioctlsocket(fd, (long)FIONBIO, &yes) == 0;
}

static tamar__os_fd tamar__os_make(int family, int type)
{
    tamar__os_fd fd = WSASocketW(family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (fd == TAMAR__OS_NONE) return fd;
    SetHandleInformation((HANDLE)fd, HANDLE_FLAG_INHERIT, 0);
    if (tamar__os_nonblocking(fd)) return fd;
    closesocket(fd);
    return TAMAR__OS_NONE;
}

// There is no socketpair: two datagram sockets on the loopback, each connected to the other.
static bool tamar__os_pair(tamar__os_fd pair[2])
{
    struct sockaddr_in at[2];
    int i, len = (int)sizeof at[0];
    bool good = true;
    memset(at, 0, sizeof at);
    for (i = 0; i < 2; i++) {
        pair[i] = tamar__os_make(AF_INET, SOCK_DGRAM);
        at[i].sin_family = AF_INET;
        at[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        good = good && pair[i] != TAMAR__OS_NONE && bind(pair[i], (struct sockaddr *)&at[i], len) == 0 &&
               getsockname(pair[i], (struct sockaddr *)&at[i], &len) == 0;
    }
    good = good && connect(pair[0], (struct sockaddr *)&at[1], len) == 0 &&
           connect(pair[1], (struct sockaddr *)&at[0], len) == 0;
    if (good) return true;
    for (i = 0; i < 2; i++) {
        if (pair[i] != TAMAR__OS_NONE) closesocket(pair[i]);
        pair[i] = TAMAR__OS_NONE;
    }
    return false;
}
#else
typedef int tamar__os_fd;
#define TAMAR__OS_NONE (-1)
#define TAMAR__OS_SLOT(fd) ((size_t)(fd))
#if defined(MSG_NOSIGNAL)
#define TAMAR__OS_NOSIGNAL MSG_NOSIGNAL  // a peer that is gone must not kill the host
#else
#define TAMAR__OS_NOSIGNAL 0  // macOS: SO_NOSIGPIPE below
#endif

static int tamar__os_last(void) { return errno; }
static void tamar__os_shut(tamar__os_fd fd) { close(fd); }  // not again after EINTR: the descriptor is gone already
static bool tamar__os_interrupted(int error) { return error == EINTR; }
// EINTR: goes on by itself
static bool tamar__os_in_progress(int error) { return error == EINPROGRESS || error == EINTR; }

static int tamar__os_error(int error, bool connecting)
{
    if (error == EWOULDBLOCK) return TAMAR_IO_AGAIN;  // not in the switch: mostly the same number as EAGAIN
    switch (error) {
    case EAGAIN:
    case EINTR: return TAMAR_IO_AGAIN;
    case ECONNREFUSED: return TAMAR_IO_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN: return TAMAR_IO_RESET;
    // the latter: keep-alive probes went unanswered
    case ETIMEDOUT: return connecting ? TAMAR_IO_UNREACHABLE : TAMAR_IO_RESET;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:  // also: no ::1 on a host without IPv6
    case EAFNOSUPPORT:
    case EACCES:  // both of these: a packet filter of this machine
    case EPERM: return TAMAR_IO_UNREACHABLE;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS: return TAMAR_IO_LIMIT;
    default: return TAMAR_IO_ERROR;
    }
}

#if !defined(SOCK_NONBLOCK) || !defined(SOCK_CLOEXEC)
static bool tamar__os_prepare(tamar__os_fd fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}
#endif

static tamar__os_fd tamar__os_make(int family, int type)
{
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
    return socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    tamar__os_fd fd = socket(family, type, 0);
    int error;
    if (fd < 0 || tamar__os_prepare(fd)) return fd;
    error = errno;
    close(fd);
    errno = error;
    return TAMAR__OS_NONE;
#endif
}

// Datagrams, so that a message arrives whole or not at all.
TAMAR__BASE_UNUSED static bool tamar__os_pair(tamar__os_fd pair[2])
{
#if defined(SOCK_NONBLOCK) && defined(SOCK_CLOEXEC)
    return socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair) == 0;
#else
    if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0) return false;
    if (tamar__os_prepare(pair[0]) && tamar__os_prepare(pair[1])) return true;
    close(pair[0]);
    close(pair[1]);
    pair[0] = pair[1] = TAMAR__OS_NONE;
    return false;
#endif
}
#endif

enum { TAMAR__OS_LOOKUPS = 16, TAMAR__OS_ANSWERS = 16, TAMAR__OS_FIRST = 16, TAMAR__OS_TRIES = 16 };

typedef struct tamar__os_interest {  // one watched socket
    tamar__os_fd fd;  // TAMAR__OS_NONE: the slot is free
    uint16_t events, ready;
    uintptr_t tag;
} tamar__os_interest;

typedef struct tamar__os_lookup {
    tamar__os_fd fd;  // our end; TAMAR__OS_NONE: free
    bool ready;  // wait saw the answer come
} tamar__os_lookup;

typedef struct tamar__os_net {
    tamar__base_memory *memory;
    tamar__os_interest *table;  // linear probing, at most three quarters full
    size_t slots, used;  // slots is a power of two
    bool threads;
    bool refused, room;  // a lookup found no room; and since then there is some: the next wait returns at once
    tamar__os_lookup lookups[TAMAR__OS_LOOKUPS];
#if TAMAR__OS_EPOLL
    int epoll, wake;  // wake is an eventfd
#else
    tamar__os_fd wake[2];  // written to, read from
    void *polled;  // the array for the system's call, grows with the table
    size_t polled_size;
    size_t turn;  // where the next wait begins to report, so that no socket starves behind a full list
    bool started;  // Windows: its sockets were
#endif
    tamar__os_interest first[TAMAR__OS_FIRST];  // the table until it grows
} tamar__os_net;

// Who an epoll event is about: the upper half says what, the lower half which.
#define TAMAR__OS_IS_WAKE (UINT64_C(1) << 32)
#define TAMAR__OS_IS_LOOKUP (UINT64_C(2) << 32)

static void tamar__os_clear(tamar__os_interest *table, size_t slots)
{
    size_t i;
    for (i = 0; i < slots; i++) table[i].fd = TAMAR__OS_NONE;
}

// The slot of fd, or the free one where it would go.
static tamar__os_interest *tamar__os_slot(tamar__os_interest *table, size_t slots, tamar__os_fd fd)
{
    size_t i = TAMAR__OS_SLOT(fd) & (slots - 1);
    while (table[i].fd != fd && table[i].fd != TAMAR__OS_NONE) i = (i + 1) & (slots - 1);
    return &table[i];
}

static bool tamar__os_table_grow(tamar__os_net *net)
{
    size_t i, size, slots = net->slots * 2;
    tamar__os_interest *table;
    if ((net->used + 1) * 4 <= net->slots * 3) return true;
    if (!tamar__base_mul(slots, sizeof *table, &size)) return false;
    table = (tamar__os_interest *)tamar__base_resize(net->memory, NULL, 0, size);
    if (!table) return false;
    tamar__os_clear(table, slots);
    for (i = 0; i < net->slots; i++)
        if (net->table[i].fd != TAMAR__OS_NONE) *tamar__os_slot(table, slots, net->table[i].fd) = net->table[i];
    if (net->table != net->first) tamar__base_resize(net->memory, net->table, net->slots * sizeof *table, 0);
    net->table = table;
    net->slots = slots;
    return true;
}

// Closes the hole: whatever stands behind it and could have stood in it moves up.
static void tamar__os_table_remove(tamar__os_net *net, tamar__os_interest *entry)
{
    size_t mask = net->slots - 1, hole = (size_t)(entry - net->table), i = hole;
    for (;;) {
        size_t home;
        i = (i + 1) & mask;
        if (net->table[i].fd == TAMAR__OS_NONE) break;
        home = TAMAR__OS_SLOT(net->table[i].fd) & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        net->table[hole] = net->table[i];
        hole = i;
    }
    net->table[hole].fd = TAMAR__OS_NONE;
    net->used--;
}

#if TAMAR__OS_EPOLL
static bool tamar__os_control(tamar__os_net *net, int what, int fd, uint32_t events, uint64_t about)
{
    struct epoll_event e;
    memset(&e, 0, sizeof e);
    e.events = events;
    e.data.u64 = about;
    return epoll_ctl(net->epoll, what, fd, &e) == 0;
}

static bool tamar__os_tell(tamar__os_net *net, int what, int fd, int events)
{
    uint32_t e =
        (events & TAMAR_READABLE ? (uint32_t)EPOLLIN : 0) | (events & TAMAR_WRITABLE ? (uint32_t)EPOLLOUT : 0);
    return tamar__os_control(net, what, fd, e, (uint32_t)fd);
}
#endif

static bool tamar__os_watch(void *user_data, intptr_t socket, int events, uintptr_t tag)
{
    tamar__os_net *net = (tamar__os_net *)user_data;
    tamar__os_fd fd = (tamar__os_fd)socket;
    tamar__os_interest *entry;
    bool known;
    events &= TAMAR_READABLE | TAMAR_WRITABLE;
    if (fd == TAMAR__OS_NONE) return false;
    entry = tamar__os_slot(net->table, net->slots, fd);
    known = entry->fd == fd;
    if (!events) {
#if TAMAR__OS_EPOLL
        if (known) tamar__os_tell(net, EPOLL_CTL_DEL, fd, 0);
#endif
        if (known) tamar__os_table_remove(net, entry);
        return true;
    }
    if (!known) {
        if (!tamar__os_table_grow(net)) return false;
        entry = tamar__os_slot(net->table, net->slots, fd);
    }
#if TAMAR__OS_EPOLL
    if (known ? entry->events != events && !tamar__os_tell(net, EPOLL_CTL_MOD, fd, events)
              : !tamar__os_tell(net, EPOLL_CTL_ADD, fd, events))
        return false;
#endif
    if (!known) net->used++;
    entry->fd = fd;
    entry->events = (uint16_t)events;
    entry->ready = 0;
    entry->tag = tag;
    return true;
}

static void tamar__os_close_socket(void *user_data, intptr_t socket)
{
    if (socket == -1) return;
    // Not left to close(): the set would keep a socket that a forked child still holds, and report it for ever.
    tamar__os_watch(user_data, socket, 0, 0);
    tamar__os_shut((tamar__os_fd)socket);
}

static void tamar__os_option(tamar__os_fd fd, int level, int name, int value)
{
    setsockopt(fd, level, name, (const char *)&value, sizeof value);  // Windows wants char; what fails is not needed
}

// One call where all is well: only a connected socket has a peer.
static int tamar__os_connected(tamar__os_fd fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    int error = 0;
    if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0) return 0;
    len = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, (char *)&error, &len) != 0) return TAMAR_IO_ERROR;
    return error ? tamar__os_error(error, true) : TAMAR_IO_AGAIN;
}

typedef union tamar__os_name {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} tamar__os_name;

static socklen_t tamar__os_fill_name(const tamar_address *a, tamar__os_name *name)
{
    memset(name, 0, sizeof *name);
    if (a->family == 4) {
        name->v4.sin_family = AF_INET;
        name->v4.sin_port = htons(a->port);
        memcpy(&name->v4.sin_addr, a->bytes, 4);
        return sizeof name->v4;
    }
    name->v6.sin6_family = AF_INET6;
    name->v6.sin6_port = htons(a->port);
    memcpy(&name->v6.sin6_addr, a->bytes, 16);
    name->v6.sin6_scope_id = a->scope;
    return sizeof name->v6;
}

static int tamar__os_begin(const tamar_address *address, tamar__os_fd *fd)
{
    bool loopback = tamar__os_is_loopback(address);
    tamar__os_name name;
    socklen_t len = tamar__os_fill_name(address, &name);
    int error;
    *fd = tamar__os_make(name.any.sa_family, SOCK_STREAM);
    if (*fd == TAMAR__OS_NONE) return tamar__os_error(tamar__os_last(), true);
    tamar__os_option(*fd, IPPROTO_TCP, TCP_NODELAY, 1);
#if defined(SO_NOSIGPIPE)
    tamar__os_option(*fd, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
    if (!loopback) {
        // A model may think for minutes in silence: probes keep address translators from forgetting the connection,
        // and notice that the other side is gone.
        tamar__os_option(*fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#if defined(TCP_KEEPIDLE) && defined(TCP_KEEPINTVL)
        tamar__os_option(*fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
        tamar__os_option(*fd, IPPROTO_TCP, TCP_KEEPINTVL, 60);
#elif defined(TCP_KEEPALIVE)
        tamar__os_option(*fd, IPPROTO_TCP, TCP_KEEPALIVE, 60);
#endif
    }
    if (connect(*fd, &name.any, len) == 0) return 0;
    error = tamar__os_last();
    if (!tamar__os_in_progress(error)) return tamar__os_error(error, true);
    // The loopback has mostly answered by now, which saves a round of waiting.
    return loopback ? tamar__os_connected(*fd) : TAMAR_IO_AGAIN;
}

static int tamar__os_connect(void *user_data, const tamar_address *address, intptr_t *socket)
{
    tamar__os_fd fd = TAMAR__OS_NONE;
    int result;
    if (*socket != -1) result = tamar__os_connected((tamar__os_fd)*socket);
    else {
        result = tamar__os_begin(address, &fd);
        *socket = (intptr_t)fd;
    }
    if (result < 0 && result != TAMAR_IO_AGAIN && *socket != -1) {
        tamar__os_close_socket(user_data, *socket);
        *socket = -1;
    }
    return result;
}

static size_t tamar__os_clip(size_t len) { return tamar__base_min(len, 0x40000000); }  // Windows counts in int

static ptrdiff_t tamar__os_send(void *user_data, intptr_t socket, const void *data, size_t len)
{
    int i, error = 0;
    (void)user_data;
    for (i = 0; i < TAMAR__OS_TRIES; i++) {
#if defined(_WIN32)
        ptrdiff_t n = send((tamar__os_fd)socket, (const char *)data, (int)tamar__os_clip(len), 0);
#else
        ptrdiff_t n = send((tamar__os_fd)socket, data, tamar__os_clip(len), TAMAR__OS_NOSIGNAL);
#endif
        if (n >= 0) return n;
        error = tamar__os_last();
        if (!tamar__os_interrupted(error)) break;
    }
    return tamar__os_error(error, false);
}

static ptrdiff_t tamar__os_recv(void *user_data, intptr_t socket, void *data, size_t cap)
{
    int i, error = 0;
    (void)user_data;
    if (!cap) return 0;
    for (i = 0; i < TAMAR__OS_TRIES; i++) {
#if defined(_WIN32)
        ptrdiff_t n = recv((tamar__os_fd)socket, (char *)data, (int)tamar__os_clip(cap), 0);
#else
        ptrdiff_t n = recv((tamar__os_fd)socket, data, tamar__os_clip(cap), 0);
#endif
        if (n) {
            if (n > 0) return n;
            error = tamar__os_last();
            if (tamar__os_interrupted(error)) continue;
            break;
        }
        return TAMAR_IO_CLOSED;
    }
    return tamar__os_error(error, false);
}

// -- names -----------------------------------------------------------------------------------------

#if !TAMAR_NO_THREADS
typedef struct tamar__os_answer {  // what the thread writes
    int result;  // how many, or an error
    tamar_address list[TAMAR__OS_ANSWERS];
} tamar__os_answer;

static int tamar__os_name_error(int code)
{
#if defined(EAI_SYSTEM)
    if (code == EAI_SYSTEM)
        return tamar__os_error(errno, true) == TAMAR_IO_LIMIT ? TAMAR_IO_LIMIT : TAMAR_IO_NAME_AGAIN;
#endif
#if defined(EAI_NODATA) && (!defined(_WIN32) || EAI_NODATA != EAI_NONAME)
    if (code == EAI_NODATA) return TAMAR_IO_NO_NAME;
#endif
#if defined(EAI_ADDRFAMILY)
    if (code == EAI_ADDRFAMILY) return TAMAR_IO_NO_NAME;
#endif
    if (code == EAI_NONAME) return TAMAR_IO_NO_NAME;
    return code == EAI_MEMORY ? TAMAR_IO_LIMIT : TAMAR_IO_NAME_AGAIN;
}

static void tamar__os_add_answer(tamar__os_answer *answer, const struct addrinfo *info)
{
    tamar_address *a = &answer->list[answer->result];
    int i;
    memset(a, 0, sizeof *a);
    if (info->ai_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, info->ai_addr, sizeof in);
        a->family = 4;
        memcpy(a->bytes, &in.sin_addr, 4);
    }
    else if (info->ai_family == AF_INET6) {
        struct sockaddr_in6 in;
        memcpy(&in, info->ai_addr, sizeof in);
        a->family = 6;
        memcpy(a->bytes, &in.sin6_addr, 16);
        a->scope = (uint32_t)in.sin6_scope_id;
    }
    else return;
    for (i = 0; i < answer->result; i++)
        if (memcmp(&answer->list[i], a, sizeof *a) == 0) return;
    answer->result++;
}

// Blocks, for as long as the system's resolver likes. In its order, which is RFC 6724's.
static void tamar__os_ask(const char *name, tamar__os_answer *answer)
{
    struct addrinfo hints, *list = NULL, *info;
    int code;
    memset(answer, 0, sizeof *answer);
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    code = getaddrinfo(name, NULL, &hints, &list);
    if (code && tamar__os_name_error(code) == TAMAR_IO_NO_NAME) {
        // A machine with nothing but its loopback has no configured family at all, yet may know names of its own.
        hints.ai_flags = 0;
        code = getaddrinfo(name, NULL, &hints, &list);
    }
    if (code) {
        answer->result = tamar__os_name_error(code);
        return;
    }
    for (info = list; info && answer->result < TAMAR__OS_ANSWERS; info = info->ai_next)
        tamar__os_add_answer(answer, info);
    freeaddrinfo(list);
    if (!answer->result) answer->result = TAMAR_IO_NO_NAME;
}

// All that the thread ever sees is its end of the pair.
static void tamar__os_serve(tamar__os_fd fd)
{
    char name[256];
    tamar__os_answer answer;
    int n = (int)recv(fd, name, sizeof name - 1, 0);
    if (n > 0) {
        name[n] = 0;
        tamar__os_ask(name, &answer);
        send(fd, (const char *)&answer, sizeof answer, TAMAR__OS_NOSIGNAL);  // fails when nobody waits any more
    }
    tamar__os_shut(fd);
}

#if defined(_WIN32)
static DWORD WINAPI tamar__os_thread(void *argument)
{
    u_long no = 0;
    ioctlsocket((tamar__os_fd)(uintptr_t)argument, (long)FIONBIO, &no);  // the name may still be on its way
    tamar__os_serve((tamar__os_fd)(uintptr_t)argument);
    return 0;
}

static bool tamar__os_start(tamar__os_fd fd)
{
    HANDLE thread = CreateThread(NULL, 0, tamar__os_thread, (void *)(uintptr_t)fd, 0, NULL);
    if (!thread) return false;
    CloseHandle(thread);
    return true;
}
#else
static void *tamar__os_thread(void *argument)
{
    tamar__os_serve((tamar__os_fd)(intptr_t)argument);
    return NULL;
}

static bool tamar__os_start(tamar__os_fd fd)
{
    pthread_t thread;
    pthread_attr_t how;
    sigset_t all, before;
    bool good;
    if (pthread_attr_init(&how) != 0) return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // inherited: the host's signals stay with the host's threads
    good = pthread_attr_setdetachstate(&how, PTHREAD_CREATE_DETACHED) == 0 &&
           pthread_create(&thread, &how, tamar__os_thread, (void *)(intptr_t)fd) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&how);
    return good;
}
#endif

static int tamar__os_look_up(tamar__os_net *net, tamar_str host, intptr_t *lookup)
{
    tamar__os_fd pair[2];
    bool good = true;
    int i = 0;
    while (i < TAMAR__OS_LOOKUPS && net->lookups[i].fd != TAMAR__OS_NONE) i++;
    if (i == TAMAR__OS_LOOKUPS) {  // *lookup stays 0: the same call, later, finds room
        net->refused = true;
        return TAMAR_IO_AGAIN;
    }
    if (!tamar__os_pair(pair)) return TAMAR_IO_LIMIT;
#if TAMAR__OS_EPOLL
    good = tamar__os_control(net, EPOLL_CTL_ADD, pair[0], EPOLLIN, TAMAR__OS_IS_LOOKUP | (uint32_t)i);
#endif
    good = good && (size_t)tamar__os_send(NULL, (intptr_t)pair[0], host.ptr, host.len) == host.len &&
           tamar__os_start(pair[1]);
    if (!good) {
        tamar__os_shut(pair[0]);
        tamar__os_shut(pair[1]);
        return TAMAR_IO_LIMIT;
    }
    net->lookups[i].fd = pair[0];
    net->lookups[i].ready = false;
    *lookup = i + 1;
    return TAMAR_IO_AGAIN;
}

static void tamar__os_forget(tamar__os_net *net, intptr_t *lookup)
{
    if (*lookup < 1 || *lookup > TAMAR__OS_LOOKUPS) return;
    if (net->lookups[*lookup - 1].fd != TAMAR__OS_NONE) {
#if TAMAR__OS_EPOLL
        tamar__os_control(net, EPOLL_CTL_DEL, net->lookups[*lookup - 1].fd, 0, 0);
#endif
        tamar__os_shut(net->lookups[*lookup - 1].fd);
        net->room = net->room || net->refused;
        net->refused = false;
    }
    net->lookups[*lookup - 1].fd = TAMAR__OS_NONE;
    *lookup = 0;
}

static int tamar__os_take(tamar__os_net *net, uint16_t port, tamar_address *out, int cap, intptr_t *lookup)
{
    tamar__os_answer answer;
    ptrdiff_t n;
    int i;
    if (*lookup < 1 || *lookup > TAMAR__OS_LOOKUPS) return TAMAR_IO_ERROR;
    if (!net->lookups[*lookup - 1].ready) return TAMAR_IO_AGAIN;
    n = tamar__os_recv(NULL, (intptr_t)net->lookups[*lookup - 1].fd, &answer, sizeof answer);
    if (n == TAMAR_IO_AGAIN) {
        net->lookups[*lookup - 1].ready = false;
        return TAMAR_IO_AGAIN;
    }
    tamar__os_forget(net, lookup);
    if (n != (ptrdiff_t)sizeof answer) return TAMAR_IO_NAME_AGAIN;
    for (i = 0; i < answer.result && i < cap; i++) {
        out[i] = answer.list[i];
        out[i].port = port;
    }
    return answer.result < 0 ? answer.result : i;
}
#endif

static int tamar__os_resolve(void *user_data, const char *host, uint16_t port, tamar_address *out, int cap,
                             intptr_t *lookup)
{
    tamar__os_net *net = (tamar__os_net *)user_data;
#if !TAMAR_NO_THREADS
    if (!host) {
        tamar__os_forget(net, lookup);
        return 0;
    }
    if (*lookup) return tamar__os_take(net, port, out, cap, lookup);
#else
    (void)net;
    (void)lookup;
    if (!host) return 0;
#endif
    if (cap < 1) return TAMAR_IO_ERROR;
    if (tamar__os_address(host, port, out)) return 1;
    if (tamar__os_is_local(tamar__str_z(host))) {
        tamar__os_address("127.0.0.1", port, &out[0]);  // first: most local model servers listen there only
        if (cap > 1) tamar__os_address("::1", port, &out[1]);
        return cap > 1 ? 2 : 1;
    }
    if (!tamar__os_is_name(tamar__str_z(host))) return TAMAR_IO_NO_NAME;
#if !TAMAR_NO_THREADS
    if (net->threads) return tamar__os_look_up(net, tamar__str_z(host), lookup);
#endif
    return TAMAR_IO_UNSUPPORTED;
}

// -- waiting ---------------------------------------------------------------------------------------

#if TAMAR__OS_EPOLL
static int tamar__os_wait(void *user_data, tamar_ready *out, int cap, int timeout_ms)
{
    tamar__os_net *net = (tamar__os_net *)user_data;
    struct epoll_event got[64];
    int i, n, count = 0;
    if (net->room) timeout_ms = 0;
    net->room = false;
    if (cap < 1) return 0;
    n = epoll_wait(net->epoll, got, cap < 64 ? cap : 64, timeout_ms < 0 ? -1 : timeout_ms);
    // Also after a signal: its handler may have set what the host's loop looks at.
    for (i = 0; i < n; i++) {
        uint64_t about = got[i].data.u64;
        uint32_t e = got[i].events;
        tamar__os_interest *entry;
        int events;
        if (about == TAMAR__OS_IS_WAKE) continue;  // edge-triggered: there is nothing to drain
        if (about & TAMAR__OS_IS_LOOKUP) {
            net->lookups[(uint32_t)about].ready = true;
            continue;
        }
        entry = tamar__os_slot(net->table, net->slots, (int)(uint32_t)about);
        if (entry->fd == TAMAR__OS_NONE) continue;
        events = (e & EPOLLIN ? TAMAR_READABLE : 0) | (e & EPOLLOUT ? TAMAR_WRITABLE : 0);
        if (e & (EPOLLERR | EPOLLHUP)) events = entry->events;  // whatever is tried next learns of it
        out[count].tag = entry->tag;
        out[count++].events = events;
    }
    return count;
}

static void tamar__os_wake(void *user_data)
{
    tamar__os_net *net = (tamar__os_net *)user_data;
    uint64_t one = 1;
    int error = errno;  // may be called between a system call of the host and its look at errno
    ssize_t n = write(net->wake, &one, sizeof one);
    (void)n;
    errno = error;
}

// The set itself is a descriptor that becomes readable when anything in it is ready.
static int tamar__os_extra_fds(void *user_data, intptr_t *out, int cap)
{
    if (cap > 0) out[0] = ((tamar__os_net *)user_data)->epoll;
    return 1;
}

static bool tamar__os_open_wait(tamar__os_net *net)
{
    net->epoll = epoll_create1(EPOLL_CLOEXEC);
    net->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return net->epoll >= 0 && net->wake >= 0 &&
           tamar__os_control(net, EPOLL_CTL_ADD, net->wake, (uint32_t)EPOLLIN | (uint32_t)EPOLLET, TAMAR__OS_IS_WAKE);
}

static void tamar__os_close_wait(tamar__os_net *net)
{
    if (net->epoll >= 0) close(net->epoll);
    if (net->wake >= 0) close(net->wake);
}
#else
// Room at net->polled for one array of the system's call over everything that can be waited for.
static bool tamar__os_polled(tamar__os_net *net, size_t item, size_t extra)
{
    size_t need = (net->used + TAMAR__OS_LOOKUPS + 1 + extra) * item;
    void *p;
    if (need <= net->polled_size) return true;
    need *= 2;
    p = tamar__base_resize(net->memory, net->polled, net->polled_size, need);
    if (!p) return false;
    net->polled = p;
    net->polled_size = need;
    return true;
}

static void tamar__os_drain(tamar__os_fd fd)
{
    char rest[64];
    int i;
    for (i = 0; i < TAMAR__OS_TRIES && tamar__os_recv(NULL, (intptr_t)fd, rest, sizeof rest) > 0; i++) {}
}

#if defined(_WIN32)
// A set of select() is a count and an array, of any length. WSAPoll would be simpler, but before Windows 10 2004 it
// never reported a connection that failed.
static void tamar__os_set_add(SOCKET *set, SOCKET fd)
{
    u_int count;
    memcpy(&count, set, sizeof count);
    set[++count] = fd;
    memcpy(set, &count, sizeof count);
}

static u_int tamar__os_set_count(const SOCKET *set)
{
    u_int count;
    memcpy(&count, set, sizeof count);
    return count;
}

static void tamar__os_set_mark(tamar__os_net *net, const SOCKET *set, int events)
{
    u_int i, n = tamar__os_set_count(set);
    size_t k;
    for (i = 1; i <= n; i++) {
        tamar__os_interest *entry = tamar__os_slot(net->table, net->slots, set[i]);
        if (entry->fd == set[i]) entry->ready |= (uint16_t)(events & entry->events);
        else if (set[i] == net->wake[1]) tamar__os_drain(net->wake[1]);
        else
            for (k = 0; k < TAMAR__OS_LOOKUPS; k++)
                if (net->lookups[k].fd == set[i]) net->lookups[k].ready = true;
    }
}

static bool tamar__os_poll(tamar__os_net *net, int timeout_ms)
{
    size_t i, room = net->used + TAMAR__OS_LOOKUPS + 2;
    SOCKET *sets[3];
    struct timeval limit;
    if (!tamar__os_polled(net, 3 * sizeof(SOCKET), 1)) return false;
    for (i = 0; i < 3; i++) {
        sets[i] = (SOCKET *)net->polled + i * room;
        sets[i][0] = 0;
    }
    tamar__os_set_add(sets[0], net->wake[1]);
    for (i = 0; i < TAMAR__OS_LOOKUPS; i++)
        if (net->lookups[i].fd != TAMAR__OS_NONE) tamar__os_set_add(sets[0], net->lookups[i].fd);
    for (i = 0; i < net->slots; i++) {
        tamar__os_interest *entry = &net->table[i];
        if (entry->fd == TAMAR__OS_NONE) continue;
        entry->ready = 0;
        if (entry->events & TAMAR_READABLE) tamar__os_set_add(sets[0], entry->fd);
        if (entry->events & TAMAR_WRITABLE) tamar__os_set_add(sets[1], entry->fd);
        tamar__os_set_add(sets[2], entry->fd);
    }
    limit.tv_sec = timeout_ms / 1000;
    limit.tv_usec = timeout_ms % 1000 * 1000;
    if (select(0, (fd_set *)(void *)sets[0], (fd_set *)(void *)sets[1], (fd_set *)(void *)sets[2],
               timeout_ms < 0 ? NULL : &limit) <= 0)
        return false;
    tamar__os_set_mark(net, sets[0], TAMAR_READABLE);
    tamar__os_set_mark(net, sets[1], TAMAR_WRITABLE);
    tamar__os_set_mark(net, sets[2], TAMAR_READABLE | TAMAR_WRITABLE);  // a connection that failed
    return true;
}
#else
static bool tamar__os_poll(tamar__os_net *net, int timeout_ms)
{
    struct pollfd *p;
    size_t i, n = 0;
    if (!tamar__os_polled(net, sizeof *p, 0)) return false;
    p = (struct pollfd *)net->polled;
    memset(p, 0, (TAMAR__OS_LOOKUPS + 1 + net->used) * sizeof *p);
    for (i = 0; i < TAMAR__OS_LOOKUPS; i++) {  // poll passes over an fd of -1, so a lookup's place is its number
        p[n].fd = net->lookups[i].fd;
        p[n++].events = POLLIN;
    }
    p[n].fd = net->wake[1];
    p[n++].events = POLLIN;
    for (i = 0; i < net->slots; i++) {
        if (net->table[i].fd == TAMAR__OS_NONE) continue;
        net->table[i].ready = 0;
        p[n].fd = net->table[i].fd;
        p[n].events = (short)((net->table[i].events & TAMAR_READABLE ? POLLIN : 0) |
                              (net->table[i].events & TAMAR_WRITABLE ? POLLOUT : 0));
        n++;
    }
    if (poll(p, (nfds_t)n, timeout_ms < 0 ? -1 : timeout_ms) <= 0) return false;
    for (i = 0; i < TAMAR__OS_LOOKUPS; i++)
        if (p[i].revents) net->lookups[i].ready = true;
    if (p[i].revents) tamar__os_drain(net->wake[1]);
    for (i++; i < n; i++) {
        tamar__os_interest *entry = tamar__os_slot(net->table, net->slots, p[i].fd);
        short e = p[i].revents;
        entry->ready = (uint16_t)((e & POLLIN ? TAMAR_READABLE : 0) | (e & POLLOUT ? TAMAR_WRITABLE : 0));
        if (e & (POLLERR | POLLHUP | POLLNVAL)) entry->ready = entry->events;  // whatever is tried next learns of it
    }
    return true;
}
#endif

static int tamar__os_wait(void *user_data, tamar_ready *out, int cap, int timeout_ms)
{
    tamar__os_net *net = (tamar__os_net *)user_data;
    size_t i, start = net->turn;
    int count = 0;
    if (net->room) timeout_ms = 0;
    net->room = false;
    if (cap < 1 || !tamar__os_poll(net, timeout_ms)) return 0;
    for (i = 0; i < net->slots && count < cap; i++) {
        tamar__os_interest *entry = &net->table[(start + i) & (net->slots - 1)];
        if (entry->fd == TAMAR__OS_NONE || !entry->ready) continue;
        out[count].tag = entry->tag;
        out[count++].events = entry->ready;
        net->turn = start + i + 1;
    }
    return count;
}

static void tamar__os_wake(void *user_data)
{
    tamar__os_net *net = (tamar__os_net *)user_data;
#if !defined(_WIN32)
    int error = errno;  // may be called between a system call of the host and its look at errno
#endif
    tamar__os_send(NULL, (intptr_t)net->wake[0], "", 1);  // what does not fit any more would be one call too many
#if !defined(_WIN32)
    errno = error;
#endif
}

static int tamar__os_extra_fds(void *user_data, intptr_t *out, int cap)
{
    tamar__os_net *net = (tamar__os_net *)user_data;
    int i, count = 0;
    if (count++ < cap) out[0] = (intptr_t)net->wake[1];
    for (i = 0; i < TAMAR__OS_LOOKUPS; i++)
        if (net->lookups[i].fd != TAMAR__OS_NONE && count++ < cap) out[count - 1] = (intptr_t)net->lookups[i].fd;
    return count;
}

static bool tamar__os_open_wait(tamar__os_net *net)
{
#if defined(_WIN32)
    WSADATA data;
    net->started = WSAStartup(MAKEWORD(2, 2), &data) == 0;
    if (!net->started) return false;
#endif
    return tamar__os_pair(net->wake) && tamar__os_polled(net, 3 * sizeof(void *), 1);
}

static void tamar__os_close_wait(tamar__os_net *net)
{
    if (net->wake[0] != TAMAR__OS_NONE) {
        tamar__os_shut(net->wake[0]);
        tamar__os_shut(net->wake[1]);
    }
    if (net->polled) tamar__base_resize(net->memory, net->polled, net->polled_size, 0);
#if defined(_WIN32)
    if (net->started) WSACleanup();
#endif
}
#endif

// The sockets that were made with it are closed before.
TAMAR__BASE_UNUSED static void tamar__os_close(tamar__os_net *net)
{
    int i;
    if (!net) return;
    for (i = 0; i < TAMAR__OS_LOOKUPS; i++)
        if (net->lookups[i].fd != TAMAR__OS_NONE) tamar__os_shut(net->lookups[i].fd);
    tamar__os_close_wait(net);
    if (net->table != net->first) tamar__base_resize(net->memory, net->table, net->slots * sizeof *net->table, 0);
    tamar__base_resize(net->memory, net, sizeof *net, 0);
}

// threads false: nothing but numeric hosts and localhost can be resolved. NULL: memory or descriptors are out.
TAMAR__BASE_UNUSED static tamar__os_net *tamar__os_open(tamar__base_memory *memory, bool threads)
{
    tamar__os_net *net = (tamar__os_net *)tamar__base_resize(memory, NULL, 0, sizeof *net);
    int i;
    if (!net) return NULL;
    memset(net, 0, sizeof *net);
    net->memory = memory;
    net->threads = threads;
    net->table = net->first;
    net->slots = TAMAR__OS_FIRST;
    tamar__os_clear(net->first, TAMAR__OS_FIRST);
    for (i = 0; i < TAMAR__OS_LOOKUPS; i++) net->lookups[i].fd = TAMAR__OS_NONE;
#if !TAMAR__OS_EPOLL
    net->wake[0] = net->wake[1] = TAMAR__OS_NONE;
#endif
    if (tamar__os_open_wait(net)) return net;
    tamar__os_close(net);
    return NULL;
}

TAMAR__BASE_UNUSED static tamar_sockets tamar__os_sockets(tamar__os_net *net)
{
    tamar_sockets s;
    s.resolve = tamar__os_resolve;
    s.connect = tamar__os_connect;
    s.send = tamar__os_send;
    s.recv = tamar__os_recv;
    s.close = tamar__os_close_socket;
    s.watch = tamar__os_watch;
    s.wait = tamar__os_wait;
    s.wake = tamar__os_wake;
    s.extra_fds = tamar__os_extra_fds;
    s.user_data = net;
    return s;
}

// One descriptor tells of everything.
static bool tamar__os_all_in_one(void) { return TAMAR__OS_EPOLL != 0; }

#else  // TAMAR_NO_SOCKETS

typedef struct tamar__os_net {
    int none;
} tamar__os_net;

TAMAR__BASE_UNUSED static void tamar__os_close(tamar__os_net *net) { (void)net; }

TAMAR__BASE_UNUSED static tamar__os_net *tamar__os_open(tamar__base_memory *memory, bool threads)
{
    (void)memory;
    (void)threads;
    return NULL;
}

TAMAR__BASE_UNUSED static tamar_sockets tamar__os_sockets(tamar__os_net *net)
{
    tamar_sockets s;
    memset(&s, 0, sizeof s);
    (void)net;
    return s;
}

static bool tamar__os_all_in_one(void) { return false; }
#endif

// =================================================================================================
// >>tls  bytes in, bytes out | uses: base arena str log os
// The system's OpenSSL (1.1.0 and newer, or a LibreSSL), opened at run time: no header of it, nothing to link.
// Ciphertext goes through two memory BIOs, so the library never touches a socket and never blocks.
//
// Verification cannot be switched off: TLS 1.2 or newer, the chain up to a trusted root at the time of the
// client's clock, and the host by subjectAltName alone (RFC 9525): no common name, a wildcard only for a whole
// leftmost label, addresses only by an address entry. No renegotiation. ALPN says http/1.1.
//
// The trust store is opened by the first session, in this order: desc.ca_file; SSL_CERT_FILE and SSL_CERT_DIR;
// a hashed directory, which costs nothing until an issuer is asked for; a bundle, some 15 ms.
// OpenSSL allocates by itself; ours are one block a system and one a session. Not from two threads at a time.
// =================================================================================================

typedef struct tamar__tls_system tamar__tls_system;

#if TAMAR__OS_HAS_LIBSSL

// Return type, name, arguments. Every type of the library is void here.
#define TAMAR__TLS_NEEDED(F) \
    F(unsigned long, OpenSSL_version_num, (void)) \
    F(const void *, TLS_client_method, (void)) \
    F(void *, SSL_CTX_new, (const void *method)) \
    F(void, SSL_CTX_free, (void *ctx)) \
    F(long, SSL_CTX_ctrl, (void *ctx, int command, long number, void *pointer)) \
    F(int, SSL_CTX_set_default_verify_paths, (void *ctx)) \
    F(int, SSL_CTX_load_verify_locations, (void *ctx, const char *file, const char *directory)) \
    F(void, SSL_CTX_set_verify, (void *ctx, int mode, int (*each)(int, void *))) \
    F(void, SSL_CTX_set_cert_verify_callback, (void *ctx, int (*verify)(void *, void *), void *argument)) \
    F(int, SSL_CTX_set_alpn_protos, (void *ctx, const unsigned char *list, unsigned len)) \
    F(void *, SSL_new, (void *ctx)) \
    F(void, SSL_free, (void *ssl)) \
    F(void, SSL_set_bio, (void *ssl, void *in, void *out)) \
    F(void, SSL_set_connect_state, (void *ssl)) \
    F(long, SSL_ctrl, (void *ssl, int command, long number, void *pointer)) \
    F(void *, SSL_get0_param, (void *ssl)) \
    F(int, SSL_do_handshake, (void *ssl)) \
    F(int, SSL_read, (void *ssl, void *out, int cap)) \
    F(int, SSL_write, (void *ssl, const void *data, int len)) \
    F(int, SSL_get_error, (const void *ssl, int result)) \
    F(void *, BIO_new, (const void *method)) \
    F(const void *, BIO_s_mem, (void)) \
    F(int, BIO_free, (void *bio)) \
    F(int, BIO_read, (void *bio, void *out, int cap)) \
    F(int, BIO_write, (void *bio, const void *data, int len)) \
    F(size_t, BIO_ctrl_pending, (void *bio)) \
    F(void, ERR_clear_error, (void)) \
    F(unsigned long, ERR_peek_error, (void)) \
    F(const char *, ERR_reason_error_string, (unsigned long error)) \
    F(int, X509_verify_cert, (void *store)) \
    F(int, X509_STORE_CTX_get_error, (void *store)) \
    F(void, X509_STORE_CTX_set_error, (void *store, int error)) \
    F(int, X509_STORE_CTX_get_error_depth, (void *store)) \
    F(void *, X509_STORE_CTX_get_current_cert, (void *store)) \
    F(const char *, X509_verify_cert_error_string, (long error)) \
    F(const char *, X509_get_default_cert_file, (void)) \
    F(const char *, X509_get_default_cert_dir, (void)) \
    F(int, X509_VERIFY_PARAM_set1_host, (void *param, const char *name, size_t len)) \
    F(int, X509_VERIFY_PARAM_set1_ip, (void *param, const unsigned char *ip, size_t len)) \
    F(void, X509_VERIFY_PARAM_set_hostflags, (void *param, unsigned flags)) \
    F(void, X509_VERIFY_PARAM_set_time, (void *param, int64_t when))

// Where they are missing, a message says less. OpenSSL has the options as a function, LibreSSL as a control.
#define TAMAR__TLS_WELCOME(F) \
    F(uint64_t, SSL_CTX_set_options, (void *ctx, uint64_t options)) \
    F(void *, X509_get_issuer_name, (const void *x509)) \
    F(void *, X509_get_subject_name, (const void *x509)) \
    F(int, X509_NAME_get_text_by_NID, (void *name, int nid, char *out, int cap)) \
    F(const void *, X509_get0_notBefore, (const void *x509)) \
    F(const void *, X509_get0_notAfter, (const void *x509)) \
    F(int, ASN1_STRING_length, (const void *text)) \
    F(const unsigned char *, ASN1_STRING_get0_data, (const void *text)) \
    F(void *, X509_get_ext_d2i, (const void *x509, int nid, int *critical, int *index)) \
    F(int, OPENSSL_sk_num, (const void *stack)) \
    F(void *, OPENSSL_sk_value, (const void *stack, int index)) \
    F(void *, GENERAL_NAME_get0_value, (const void *name, int *type)) \
    F(void, GENERAL_NAMES_free, (void *names))

#define TAMAR__TLS_MEMBER(type, name, arguments) type(*name) arguments;
typedef struct tamar__tls_functions {
    TAMAR__TLS_NEEDED(TAMAR__TLS_MEMBER)
    TAMAR__TLS_WELCOME(TAMAR__TLS_MEMBER)
} tamar__tls_functions;

typedef struct tamar__tls_symbol {
    const char *name;
    size_t at;  // in tamar__tls_functions
    bool needed;
} tamar__tls_symbol;

// Their numbers, from openssl's ssl.h, x509_vfy.h, x509v3.h and obj_mac.h: part of its ABI since 1.1.0.
enum {
    TAMAR__TLS_SET_MODE = 33,
    TAMAR__TLS_SET_OPTIONS = 32,
    TAMAR__TLS_SET_HOSTNAME = 55,
    TAMAR__TLS_SET_MIN_VERSION = 123,
    TAMAR__TLS_1_2 = 0x0303,
    // partial writes, from a moving buffer; idle sessions give their buffers back
    TAMAR__TLS_MODES = 0x01 | 0x02 | 0x10,
    TAMAR__TLS_NO_RENEGOTIATION = 1 << 30,
    TAMAR__TLS_NO_COMPRESSION = 1 << 17,
    TAMAR__TLS_VERIFY_PEER = 1,
    TAMAR__TLS_WANT_READ = 2,
    TAMAR__TLS_WANT_WRITE = 3,
    TAMAR__TLS_ZERO_RETURN = 6,
    TAMAR__TLS_NO_PARTIAL_WILDCARDS = 0x04,
    TAMAR__TLS_NEVER_CHECK_SUBJECT = 0x20,
    TAMAR__TLS_COMMON_NAME = 13,
    TAMAR__TLS_ALT_NAME = 85,
    TAMAR__TLS_NAME_DNS = 2,
    TAMAR__TLS_NAME_IP = 7
};

typedef struct tamar__tls_session {
    tamar__tls_system *system;
    void *ssl;
    void *in, *out;  // memory BIOs, owned by ssl
    int failed;  // TAMAR_IO_CERT or TAMAR_IO_TLS, for good
    bool refused;  // the certificate was, and text says why
    bool shaken;  // the handshake is over
    bool fed;  // the first byte came
    bool foreign;  // and it began no TLS record
    int64_t unix_ms;
    size_t size;  // of this block
    size_t said;
    char text[480];  // why it failed
    char host[1];
} tamar__tls_session;

struct tamar__tls_system {
    tamar__base_memory *memory;
    const char *ca_file;  // borrowed until close
    void *ctx;  // made by the first session
    tamar__tls_session *current;  // whose handshake may ask for verification
    tamar__tls_functions f;
};

// -- words -----------------------------------------------------------------------------------------

static void tamar__tls_add(tamar__tls_session *s, const char *text, size_t len)
{
    size_t i;
    for (i = 0; i < len && s->said < sizeof s->text - 1; i++)  // the peer's names are in it: no control characters
        s->text[s->said++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    s->text[s->said] = 0;
}

static void tamar__tls_say(tamar__tls_session *s, const char *text) { tamar__tls_add(s, text, strlen(text)); }

static void tamar__tls_say_number(tamar__tls_session *s, uint64_t value, size_t width)
{
    char digits[20];
    size_t n = sizeof digits;
    do digits[--n] = (char)('0' + value % 10);
    while ((value /= 10) != 0 || sizeof digits - n < width);
    tamar__tls_add(s, digits + n, sizeof digits - n);
}

// Days since 1970 as a date; Howard Hinnant's civil_from_days, for years from 0 on.
static void tamar__tls_say_day(tamar__tls_session *s, int64_t unix_ms)
{
    // day: of its 400 years, which begin in March
    uint64_t days = (uint64_t)(unix_ms / 86400000 + 719468), day = days % 146097;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365,
             of_year = day - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * of_year + 2) / 153;
    tamar__tls_say_number(s, year + days / 146097 * 400 + (month >= 10), 4);
    tamar__tls_say(s, "-");
    tamar__tls_say_number(s, month < 10 ? month + 3 : month - 9, 2);
    tamar__tls_say(s, "-");
    tamar__tls_say_number(s, of_year - (153 * month + 2) / 5 + 1, 2);
}

// " on 2026-01-31", from YYMMDDhhmmssZ or YYYYMMDDhhmmssZ (RFC 5280 section 4.1.2.5).
static void tamar__tls_say_when(tamar__tls_session *s, const void *when)
{
    const tamar__tls_functions *f = &s->system->f;
    const char *p;
    int len;
    if (!when || !f->ASN1_STRING_length || !f->ASN1_STRING_get0_data) return;
    len = f->ASN1_STRING_length(when);
    p = (const char *)f->ASN1_STRING_get0_data(when);
    if (len != 13 && len != 15) return;
    tamar__tls_say(s, " on ");
    if (len == 13) tamar__tls_say(s, p[0] >= '5' ? "19" : "20");
    tamar__tls_add(s, p, (size_t)len - 11);
    p += len - 11;
    tamar__tls_say(s, "-");
    tamar__tls_add(s, p, 2);
    tamar__tls_say(s, "-");
    tamar__tls_add(s, p + 2, 2);
}

static void tamar__tls_say_common_name(tamar__tls_session *s, void *name)
{
    const tamar__tls_functions *f = &s->system->f;
    char text[128];
    int n = name && f->X509_NAME_get_text_by_NID
                ? f->X509_NAME_get_text_by_NID(name, TAMAR__TLS_COMMON_NAME, text, (int)sizeof text)
                : -1;
    tamar__tls_say(s, "'");
    if (n < 0) tamar__tls_say(s, "unnamed");
    else tamar__tls_add(s, text, tamar__base_min((size_t)n, sizeof text - 1));
    tamar__tls_say(s, "'");
}

static void tamar__tls_say_issuer(tamar__tls_session *s, void *x509)
{
    const tamar__tls_functions *f = &s->system->f;
    tamar__tls_say_common_name(s, x509 && f->X509_get_issuer_name ? f->X509_get_issuer_name(x509) : NULL);
}

static void tamar__tls_say_ip(tamar__tls_session *s, const unsigned char *p, size_t len)
{
    size_t i;
    for (i = 0; i < len; i++) {
        if (len == 4) {
            if (i) tamar__tls_say(s, ".");
            tamar__tls_say_number(s, p[i], 1);
        }
        else {
            if (i && i % 2 == 0) tamar__tls_say(s, ":");
            tamar__tls_add(s, &"0123456789abcdef"[p[i] >> 4], 1);
            tamar__tls_add(s, &"0123456789abcdef"[p[i] & 15], 1);
        }
    }
}

// Names of the certificate, at most 4 of them. False: it has none, or the library cannot tell.
static bool tamar__tls_say_names(tamar__tls_session *s, void *x509)
{
    const tamar__tls_functions *f = &s->system->f;
    void *names;
    int i, n, said = 0, rest = 0;
    if (!x509 || !f->X509_get_ext_d2i || !f->OPENSSL_sk_num || !f->OPENSSL_sk_value || !f->GENERAL_NAME_get0_value ||
        !f->GENERAL_NAMES_free || !f->ASN1_STRING_length || !f->ASN1_STRING_get0_data)
        return false;
    names = f->X509_get_ext_d2i(x509, TAMAR__TLS_ALT_NAME, NULL, NULL);
    if (!names) return false;
    n = f->OPENSSL_sk_num(names);
    for (i = 0; i < n; i++) {
        int type = -1;
        const void *value = f->GENERAL_NAME_get0_value(f->OPENSSL_sk_value(names, i), &type);
        if (!value || (type != TAMAR__TLS_NAME_DNS && type != TAMAR__TLS_NAME_IP)) continue;
        if (said == 4) {
            rest++;
            continue;
        }
        if (said++) tamar__tls_say(s, ", ");
        if (type == TAMAR__TLS_NAME_IP)
            tamar__tls_say_ip(s, f->ASN1_STRING_get0_data(value), (size_t)f->ASN1_STRING_length(value));
        else
            tamar__tls_add(s, (const char *)f->ASN1_STRING_get0_data(value),
                           tamar__base_min((size_t)f->ASN1_STRING_length(value), 64));
    }
    f->GENERAL_NAMES_free(names);
    if (rest) {
        tamar__tls_say(s, " and ");
        tamar__tls_say_number(s, (uint64_t)rest, 1);
        tamar__tls_say(s, " more");
    }
    return said != 0;
}

// "the certificate of HOST", or of whom it was issued by.
static void tamar__tls_say_subject(tamar__tls_session *s, void *x509, int depth)
{
    const tamar__tls_functions *f = &s->system->f;
    tamar__tls_say(s, "the certificate of ");
    if (depth > 0) {
        tamar__tls_say_common_name(s, x509 && f->X509_get_subject_name ? f->X509_get_subject_name(x509) : NULL);
        tamar__tls_say(s, ", which vouches for ");
    }
    tamar__tls_say(s, s->host);
}

static void tamar__tls_say_clock(tamar__tls_session *s)
{
    if (s->unix_ms < 0) return;
    tamar__tls_say(s, " (this computer's clock says ");
    tamar__tls_say_day(s, s->unix_ms);
    tamar__tls_say(s, ": is it right?)");
}

static void tamar__tls_refuse(tamar__tls_session *s, int error, int depth, void *x509)
{
    const tamar__tls_functions *f = &s->system->f;
    s->refused = true;
    s->said = 0;
    switch (error) {
    case 9:  // X509_V_ERR_CERT_NOT_YET_VALID
        tamar__tls_say_subject(s, x509, depth);
        tamar__tls_say(s, " is not valid yet; it begins");
        tamar__tls_say_when(s, x509 && f->X509_get0_notBefore ? f->X509_get0_notBefore(x509) : NULL);
        tamar__tls_say_clock(s);
        break;
    case 10:  // X509_V_ERR_CERT_HAS_EXPIRED
        tamar__tls_say_subject(s, x509, depth);
        tamar__tls_say(s, " expired");
        tamar__tls_say_when(s, x509 && f->X509_get0_notAfter ? f->X509_get0_notAfter(x509) : NULL);
        tamar__tls_say_clock(s);
        break;
    case 18:  // X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
        tamar__tls_say_subject(s, x509, depth);
        tamar__tls_say(s, " is self-signed; if that server is yours, set desc.ca_file to its certificate");
        break;
    case 19:  // X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN
        tamar__tls_say_subject(s, x509, 0);
        tamar__tls_say(s, " comes from the authority ");
        tamar__tls_say_issuer(s, x509);
        tamar__tls_say(
            s, ", which is not trusted here; is there a company proxy? Set desc.ca_file to its root certificate");
        break;
    case 2:  // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT
    case 20:  // X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    case 21:  // X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE
        tamar__tls_say_subject(s, x509, depth);
        tamar__tls_say(s, " was issued by ");
        tamar__tls_say_issuer(s, x509);
        tamar__tls_say(s,
                       ", which is not known here; is there a company proxy? Set desc.ca_file to its root certificate"
                       " (or the server does not send its intermediate certificates)");
        break;
    case 62:  // X509_V_ERR_HOSTNAME_MISMATCH
    case 64:  // X509_V_ERR_IP_ADDRESS_MISMATCH
        tamar__tls_say(s, "the certificate is for ");
        if (!tamar__tls_say_names(s, x509)) tamar__tls_say(s, "no host by subjectAltName");
        tamar__tls_say(s, ", not for ");
        tamar__tls_say(s, s->host);
        break;
    default:
        tamar__tls_say_subject(s, x509, depth);
        tamar__tls_say(s, " was refused: ");
        tamar__tls_say(s, f->X509_verify_cert_error_string(error));
    }
}

// -- the library -----------------------------------------------------------------------------------

// Called by the library in place of its own verification, which it then does; what it found is kept for the message.
static int tamar__tls_verify(void *store, void *argument)
{
    tamar__tls_system *system = (tamar__tls_system *)argument;
    const tamar__tls_functions *f = &system->f;
    int error;
    if (f->X509_verify_cert(store) == 1) return 1;
    error = f->X509_STORE_CTX_get_error(store);
    if (error == 0) {  // out of memory and the like; never let it look like success
        error = 1;  // X509_V_ERR_UNSPECIFIED
        f->X509_STORE_CTX_set_error(store, error);
    }
    if (system->current)
        tamar__tls_refuse(system->current, error, f->X509_STORE_CTX_get_error_depth(store),
                          f->X509_STORE_CTX_get_current_cert(store));
    return 0;
}

static bool tamar__tls_load(tamar__tls_functions *f, void *library)
{
#define TAMAR__TLS_NEED(type, name, arguments) {#name, offsetof(tamar__tls_functions, name), true},
#define TAMAR__TLS_LIKE(type, name, arguments) {#name, offsetof(tamar__tls_functions, name), false},
    static const tamar__tls_symbol symbols[] = { TAMAR__TLS_NEEDED(TAMAR__TLS_NEED)
                                                     TAMAR__TLS_WELCOME(TAMAR__TLS_LIKE) };
#undef TAMAR__TLS_NEED
#undef TAMAR__TLS_LIKE
    size_t i;
    // Those of libcrypto are found, too: a library's own dependencies are searched, so the two always match.
    for (i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
        if (!tamar__os_symbol(library, symbols[i].name, (char *)f + symbols[i].at) && symbols[i].needed) return false;
    return true;
}

static bool tamar__tls_load_file(tamar__tls_system *system, void *ctx, const char *path)
{
    return tamar__os_readable(path) && system->f.SSL_CTX_load_verify_locations(ctx, path, NULL) == 1;
}

// NULL, or why there is nothing to trust.
static const char *tamar__tls_trust(tamar__tls_system *system, void *ctx, const char *ca_file)
{
    static const char *const directories[] = {"/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/local/share/certs"};
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Alpine, Arch, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",  // SUSE
        "/etc/ssl/cert.pem",  // OpenBSD, macOS, Alpine
        "/usr/local/share/certs/ca-root-nss.crt",  // FreeBSD
        "/etc/openssl/certs/ca-certificates.crt",  // NetBSD
        "/usr/local/etc/openssl@3/cert.pem",
        "/opt/homebrew/etc/openssl@3/cert.pem"};
    const tamar__tls_functions *f = &system->f;
    const char *file = tamar__os_get(NULL, "SSL_CERT_FILE"), *directory = tamar__os_get(NULL, "SSL_CERT_DIR");
    size_t i;
    if (ca_file)
        return tamar__tls_load_file(system, ctx, ca_file)
                   ? NULL
                   : "desc.ca_file cannot be read as a PEM file of certificates";
    if (file || directory) {
        if (file && !tamar__os_readable(file))
            return "SSL_CERT_FILE names a file that cannot be read; unset it or correct it";
        return f->SSL_CTX_set_default_verify_paths(ctx) == 1 ? NULL : "SSL_CERT_FILE or SSL_CERT_DIR cannot be used";
    }
    if (tamar__os_hashed(f->X509_get_default_cert_dir()) &&
        f->SSL_CTX_load_verify_locations(ctx, NULL, f->X509_get_default_cert_dir()) == 1)
        return NULL;
    for (i = 0; i < sizeof directories / sizeof directories[0]; i++)
        if (tamar__os_hashed(directories[i]) && f->SSL_CTX_load_verify_locations(ctx, NULL, directories[i]) == 1)
            return NULL;
    if (tamar__tls_load_file(system, ctx, f->X509_get_default_cert_file())) return NULL;
    for (i = 0; i < sizeof files / sizeof files[0]; i++)
        if (tamar__tls_load_file(system, ctx, files[i])) return NULL;
    return "this system has no root certificates to trust: install ca-certificates, or set desc.ca_file";
}

static void tamar__tls_options(const tamar__tls_functions *f, void *ctx)
{
    const long options = (long)TAMAR__TLS_NO_RENEGOTIATION | (long)TAMAR__TLS_NO_COMPRESSION;
    unsigned long (*set_options)(void *, unsigned long);
    if (!f->SSL_CTX_set_options) f->SSL_CTX_ctrl(ctx, TAMAR__TLS_SET_OPTIONS, options, NULL);
    else if (f->OpenSSL_version_num() >= 0x30000000UL) f->SSL_CTX_set_options(ctx, (uint64_t)options);
    else {  // 1.1 took an unsigned long, which is another width on 32 bits
        memcpy(&set_options, &f->SSL_CTX_set_options, sizeof set_options);
        set_options(ctx, (unsigned long)options);
    }
}

// NULL, or why not.
static const char *tamar__tls_make_ctx(tamar__tls_system *system, const char *ca_file)
{
    static const unsigned char alpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    const tamar__tls_functions *f = &system->f;
    const char *why;
    void *ctx;
    if (system->ctx) return NULL;
    f->ERR_clear_error();
    ctx = f->SSL_CTX_new(f->TLS_client_method());
    if (!ctx) return "libssl could not start: out of memory, or a broken openssl.cnf";
    f->SSL_CTX_ctrl(ctx, TAMAR__TLS_SET_MODE, TAMAR__TLS_MODES, NULL);
    f->SSL_CTX_set_verify(ctx, TAMAR__TLS_VERIFY_PEER, NULL);
    f->SSL_CTX_set_cert_verify_callback(ctx, tamar__tls_verify, system);
    tamar__tls_options(f, ctx);
    why = tamar__tls_trust(system, ctx, ca_file);
    if (!why && (f->SSL_CTX_ctrl(ctx, TAMAR__TLS_SET_MIN_VERSION, TAMAR__TLS_1_2, NULL) != 1 ||
                 f->SSL_CTX_set_alpn_protos(ctx, alpn, (unsigned)sizeof alpn) != 0))
        why = "libssl refused TLS 1.2 or ALPN";
    if (why) f->SSL_CTX_free(ctx);
    else system->ctx = ctx;
    f->ERR_clear_error();
    return why;
}

// -- a session -------------------------------------------------------------------------------------

static ptrdiff_t tamar__tls_fail(tamar__tls_session *s)
{
    const tamar__tls_functions *f = &s->system->f;
    unsigned long error = f->ERR_peek_error();
    const char *reason = error ? f->ERR_reason_error_string(error) : NULL;
    tamar_str words = tamar__str_z(reason ? reason : "the library does not say why");
    f->ERR_clear_error();
    if (s->failed) return s->failed;
    s->failed = s->refused ? TAMAR_IO_CERT : TAMAR_IO_TLS;
    if (s->refused) return s->failed;
    s->said = 0;
    if (s->foreign || tamar__str_is(words, "wrong version number") || tamar__str_is(words, "http request")) {
        tamar__tls_say(s, "the server does not speak TLS on this port of ");
        tamar__tls_say(s, s->host);
        tamar__tls_say(s, "; is it http:// instead of https://?");
        return s->failed;
    }
    tamar__tls_say(s, s->shaken ? "the TLS connection to " : "the TLS handshake with ");
    tamar__tls_say(s, s->host);
    tamar__tls_say(s, " failed: ");
    tamar__tls_add(s, words.ptr, words.len);
    if (tamar__str_is(words, "unsupported protocol") ||
        tamar__str_find(words, "alert protocol version", false) < words.len)
        tamar__tls_say(s, " (it knows nothing newer than TLS 1.1, which is not safe any more)");
    return s->failed;
}

// What a result of the library that is not a success means.
static ptrdiff_t tamar__tls_outcome(tamar__tls_session *s, int result)
{
    switch (s->system->f.SSL_get_error(s->ssl, result)) {
    case TAMAR__TLS_WANT_READ:
    case TAMAR__TLS_WANT_WRITE: return TAMAR_IO_AGAIN;
    case TAMAR__TLS_ZERO_RETURN: return TAMAR_IO_CLOSED;
    default: return tamar__tls_fail(s);
    }
}

// Before every call into the library: its error queue belongs to the thread, and the host may use it, too.
static const tamar__tls_functions *tamar__tls_enter(tamar__tls_session *s)
{
    s->system->current = s;
    s->system->f.ERR_clear_error();
    return &s->system->f;
}

static ptrdiff_t tamar__tls_shake(tamar__tls_session *s)
{
    int result;
    if (s->failed) return s->failed;
    if (s->shaken) return 0;
    result = tamar__tls_enter(s)->SSL_do_handshake(s->ssl);
    if (result != 1) return tamar__tls_outcome(s, result);
    s->shaken = true;
    return 0;
}

static void tamar__tls_end(void *session)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    if (!s) return;
    if (s->ssl) s->system->f.SSL_free(s->ssl);
    if (s->system->current == s) s->system->current = NULL;
    tamar__base_resize(s->system->memory, s, s->size, 0);
}

// Whom the certificate must be for.
static bool tamar__tls_expect(tamar__tls_session *s, const tamar_tls_wanted *wanted)
{
    const tamar__tls_functions *f = &s->system->f;
    void *param = f->SSL_get0_param(s->ssl);
    tamar_address a;
    if (!param) return false;
    if (sizeof(void *) == 8 && wanted->unix_ms > 0)  // on 32 bits nobody knows how wide the library's time_t is
        f->X509_VERIFY_PARAM_set_time(param, wanted->unix_ms / 1000);
    f->X509_VERIFY_PARAM_set_hostflags(param, TAMAR__TLS_NO_PARTIAL_WILDCARDS | TAMAR__TLS_NEVER_CHECK_SUBJECT);
    if (wanted->numeric)
        return tamar__os_address(wanted->host, 0, &a) &&
               f->X509_VERIFY_PARAM_set1_ip(param, a.bytes, a.family == 4 ? 4 : 16) == 1;
    if (!*wanted->host || f->X509_VERIFY_PARAM_set1_host(param, wanted->host, strlen(wanted->host)) != 1)
        return false;
    return f->SSL_ctrl(s->ssl, TAMAR__TLS_SET_HOSTNAME, 0, s->host) == 1;
}

static bool tamar__tls_connect(tamar__tls_session *s)
{
    const tamar__tls_functions *f = &s->system->f;
    s->in = f->BIO_new(f->BIO_s_mem());
    s->out = f->BIO_new(f->BIO_s_mem());
    if (s->in && s->out) {
        f->SSL_set_bio(s->ssl, s->in, s->out);
        f->SSL_set_connect_state(s->ssl);
        return true;
    }
    if (s->in) f->BIO_free(s->in);
    if (s->out) f->BIO_free(s->out);
    return false;
}

static void *tamar__tls_start(void *user_data, const tamar_tls_wanted *wanted, const char **why)
{
    tamar__tls_system *system = (tamar__tls_system *)user_data;
    size_t len = strlen(wanted->host), size = sizeof(tamar__tls_session) + len;
    tamar__tls_session *s;
    *why = tamar__tls_make_ctx(system, system->ca_file ? system->ca_file : wanted->ca_file);
    if (*why) return NULL;
    *why = "out of memory for a TLS session";
    s = (tamar__tls_session *)tamar__base_resize(system->memory, NULL, 0, size);
    if (!s) return NULL;
    memset(s, 0, size);
    memcpy(s->host, wanted->host, len);
    s->system = system;
    s->size = size;
    s->unix_ms = wanted->unix_ms;
    s->ssl = system->f.SSL_new(system->ctx);
    if (s->ssl && tamar__tls_connect(s)) {
        if (tamar__tls_expect(s, wanted)) {
            tamar__tls_shake(s);  // puts the first message out; what fails is told by read and write
            *why = NULL;
            return s;
        }
        *why = "this host name cannot be verified by TLS";
    }
    tamar__tls_end(s);
    return NULL;
}

static ptrdiff_t tamar__tls_feed(void *session, const void *data, size_t len)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    int n;
    if (s->failed) return s->failed;
    if (!len) return 0;
    if (!s->fed) {
        // A server's first record is a handshake message or an alert (RFC 8446 section 5.1); H of HTTP/1.1 400 is
        // neither.
        s->fed = true;
        s->foreign = *(const unsigned char *)data != 22 && *(const unsigned char *)data != 21;
    }
    n = tamar__tls_enter(s)->BIO_write(s->in, data, (int)tamar__base_min(len, 0x40000000));
    if (n <= 0) return tamar__tls_fail(s);
    tamar__tls_shake(s);  // so that drain has an answer; what fails is told by read and write
    return n;
}

static ptrdiff_t tamar__tls_drain(void *session, void *out, size_t cap)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    int n;
    if (!cap || !s->system->f.BIO_ctrl_pending(s->out)) return 0;
    n = s->system->f.BIO_read(s->out, out, (int)tamar__base_min(cap, 0x100000));
    return n > 0 ? n : 0;
}

static ptrdiff_t tamar__tls_read(void *session, void *out, size_t cap)
{
    tamar__tls_session *s = (tamar__tls_session *)session;
    ptrdiff_t result = tamar__tls_shake(s);
    size_t got = 0;
    if (result || !cap) return result;
    while (got < cap) {  // the library hands out a record at a time
        int n = tamar__tls_enter(s)->SSL_read(s->ssl, (char *)out + got, (int)tamar__base_min(cap - got, 0x100000));
        if (n <= 0) {
            result = tamar__tls_outcome(s, n);  // after something was read, the next call says it again
            break;
        }
        got += (size_t)n;
    }
    return got ? (ptrdiff_t)got : result;
}

static ptrdiff_t tamar__tls_write(void *session, const void *data, size_t len)
{
    enum { PENDING = 32768 };  // of ciphertext, before drain has to take some
    tamar__tls_session *s = (tamar__tls_session *)session;
    ptrdiff_t result = tamar__tls_shake(s);
    size_t put = 0;
    if (result || !len) return result;
    result = TAMAR_IO_AGAIN;
    while (put < len && s->system->f.BIO_ctrl_pending(s->out) < PENDING) {
        int n =
            tamar__tls_enter(s)->SSL_write(s->ssl, (const char *)data + put, (int)tamar__base_min(len - put, 0x4000));
        if (n <= 0) {
            result = tamar__tls_outcome(s, n);
            break;
        }
        put += (size_t)n;
    }
    return put ? (ptrdiff_t)put : result;
}

static const char *tamar__tls_why(void *session) { return ((tamar__tls_session *)session)->text; }

// ca_file: borrowed until close; NULL: the system's store. NULL: *why says what to do, constant text.
TAMAR__BASE_UNUSED static tamar__tls_system *tamar__tls_open(tamar__base_memory *memory, const char *ca_file,
                                                             const char **why)
{
    static const char *const names[] = {TAMAR__OS_LIBSSL};
    tamar__tls_system *system;
    const char *one[2];
    bool found = false;
    size_t i;
    *why = "out of memory";
    system = (tamar__tls_system *)tamar__base_resize(memory, NULL, 0, sizeof *system);
    if (!system) return NULL;
    memset(system, 0, sizeof *system);
    system->memory = memory;
    system->ca_file = ca_file;
    one[1] = NULL;
    for (i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *library;
        one[0] = names[i];
        library = tamar__os_library(one);
        if (!library) continue;
        found = true;
        if (!tamar__tls_load(&system->f, library)) continue;
        *why = NULL;
        return system;
    }
    tamar__base_resize(memory, system, sizeof *system, 0);
    *why =
        found
            ? "the system's libssl is older than OpenSSL 1.1.0: install libssl3 or openssl, or set desc.tls "
              "or desc.transport"
            : "https needs the system's libssl, which was not found (" TAMAR__OS_LIBSSL_CURE
              "), or set desc.tls or desc.transport";
    return NULL;
}

// Its sessions were ended before.
TAMAR__BASE_UNUSED static void tamar__tls_close(tamar__tls_system *system)
{
    if (!system) return;
    if (system->ctx) system->f.SSL_CTX_free(system->ctx);
    tamar__base_resize(system->memory, system, sizeof *system, 0);
}

TAMAR__BASE_UNUSED static tamar_tls tamar__tls_seam(tamar__tls_system *system)
{
    tamar_tls t;
    t.start = tamar__tls_start;
    t.feed = tamar__tls_feed;
    t.drain = tamar__tls_drain;
    t.read = tamar__tls_read;
    t.write = tamar__tls_write;
    t.why = tamar__tls_why;
    t.end = tamar__tls_end;
    t.user_data = system;
    return t;
}

#else

TAMAR__BASE_UNUSED static tamar__tls_system *tamar__tls_open(tamar__base_memory *memory, const char *ca_file,
                                                             const char **why)
{
    (void)memory;
    (void)ca_file;
    *why =
        "https needs TLS, which this build does not have (TAMAR_NO_TLS, or Windows for now): set desc.tls "
        "or desc.transport";
    return NULL;
}

TAMAR__BASE_UNUSED static void tamar__tls_close(tamar__tls_system *system) { (void)system; }

TAMAR__BASE_UNUSED static tamar_tls tamar__tls_seam(tamar__tls_system *system)
{
    tamar_tls t;
    memset(&t, 0, sizeof t);
    (void)system;
    return t;
}
#endif

// =================================================================================================
// >>net  connections, pool | uses: base arena str log url http1 os tls
// The built-in HTTP client, one implementation of the transport seam: whole exchanges over the socket and TLS seams.
// It owns connections and nothing else: it has no deadline and repeats nothing (the call does both); it reports in
// which phase an exchange is, and at the end whether its connection had served before and how much was sent.
//
// A connection that ended its message exactly, and sent nothing behind it, goes back to the pool under its full
// identity (scheme, host, port). One that sat idle is tested before it is used again, and after any failure all idle
// connections of that origin are dropped. One receive buffer serves all connections: bytes are parsed where they land.
// A request leaves in one write: its head is put into the room in front of its body.
// =================================================================================================

typedef enum tamar__net_ending {
    TAMAR__NET_CUT,  // the message did not end
    TAMAR__NET_STALE,  // a kept connection died before a byte of the answer came: the server has not seen the request
    TAMAR__NET_CLOSED,  // it ended with the connection: only the content can say whether it is whole
    TAMAR__NET_CLEAN
} tamar__net_ending;

// Where news of exchanges goes. A tamar_exchange's owner points to one of these.
typedef struct tamar__net_sink {
    void (*phase)(struct tamar__net_sink *sink, uint32_t id, tamar_phase phase);
    void (*status)(struct tamar__net_sink *sink, uint32_t id, int status);
    void (*header)(struct tamar__net_sink *sink, uint32_t id, tamar_str name, tamar_str value);
    size_t (*body)(struct tamar__net_sink *sink, uint32_t id, const char *data, size_t len);
    void (*end)(struct tamar__net_sink *sink, uint32_t id, tamar_category category, const char *message,
                tamar__net_ending ending, bool reused, size_t bytes_sent);
} tamar__net_sink;

typedef struct tamar__net_origin {
    char *host;
    size_t host_size;
    uint16_t port;
    bool https, numeric;
    uint32_t users;
    uint64_t fresh_until_us;  // of the addresses
    int address_count;
    tamar_address addresses[8];
} tamar__net_origin;

typedef enum tamar__net_state {
    TAMAR__NET_FREE,
    TAMAR__NET_RESOLVING,
    TAMAR__NET_CONNECTING,
    TAMAR__NET_BUSY,  // TLS handshake, sending, receiving
    TAMAR__NET_DRAINING,  // nobody waits any more, but the end of the message would make it reusable
    TAMAR__NET_IDLE
} tamar__net_state;

typedef struct tamar__net_conn {
    tamar__net_state state;
    uint16_t self;
    int events;  // watched
    uint32_t id;  // of the exchange
    tamar__net_sink *sink;  // NULL: nobody waits
    tamar__net_origin *origin;
    intptr_t socket, lookup;
    intptr_t tries[8];  // while connecting: a socket for each address begun, or -1
    uint64_t next_try_us;  // when the next address is begun
    int next_address, last_error;
    void *tls;
    tamar__arena arena;  // what a split head or a long request head needs; freed after each exchange
    tamar__http1 http;
    tamar__str_buf pending;  // ciphertext that the socket did not take yet
    size_t pending_at;
    char *head;  // of the request, to be wiped
    size_t head_len;
    const char *out;
    size_t out_len, out_at;
    uint64_t since_us;  // idle or draining
    uint32_t served, drained;
    bool shaken;  // TLS handshake done
    bool answered;  // bytes of the answer came
    bool full;  // the socket takes no more for now
    int send_error;  // sending failed, but an answer may have come before
} tamar__net_conn;

typedef struct tamar__net {
    tamar__base_memory *memory;
    const tamar_log *log;
    tamar_sockets sockets;
    tamar_tls tls;
    tamar__tls_system **tls_system;  // opened when the first https comes; NULL: tls is the host's
    const char *ca_file, *user_agent;
    tamar_clock clock;
    tamar__url_memo memo;
    tamar__net_conn **conns;
    // open: neither free nor idle
    size_t conn_count, conn_cap, open_count, idle_count, waiting_count, draining_count, connecting_count;
    tamar__net_origin **origins;
    size_t origin_count, origin_cap;
    size_t max_conns, max_idle, max_header, budget;
    uint64_t max_idle_us, now_us;
    char *buffer;
    size_t buffer_size;
    bool all_in_one;  // the seam's own descriptor stands for all sockets
} tamar__net;

// What start says when all connections are taken: not an error, try again later.
static const char *tamar__net_busy(void) { return "all connections are in use (desc.max_connections)"; }

static void tamar__net_log(tamar__net *n, tamar__log_item item, const tamar__net_conn *c)
{
    tamar_call none;
    none.id = 0;
    tamar__log_write(n->log, item, none, NULL, c->served, tamar__str_z(c->origin->host));
}

static bool tamar__net_watch(tamar__net *n, tamar__net_conn *c, int events)
{
    if (c->events == events) return true;
    c->events = events;
    return n->sockets.watch(n->sockets.user_data, c->socket, events, c->self);
}

static void tamar__net_set(tamar__net *n, tamar__net_conn *c, tamar__net_state state)
{
    tamar__net_state old = c->state;
    if (old == TAMAR__NET_IDLE) n->idle_count--;
    else if (old != TAMAR__NET_FREE) n->open_count--;
    if (old == TAMAR__NET_RESOLVING) n->waiting_count--;
    if (old == TAMAR__NET_DRAINING) n->draining_count--;
    if (old == TAMAR__NET_CONNECTING) n->connecting_count--;
    if (state == TAMAR__NET_IDLE) n->idle_count++;
    else if (state != TAMAR__NET_FREE) n->open_count++;
    if (state == TAMAR__NET_RESOLVING) n->waiting_count++;
    if (state == TAMAR__NET_DRAINING) n->draining_count++;
    if (state == TAMAR__NET_CONNECTING) n->connecting_count++;
    c->state = state;
    c->since_us = n->now_us;
}

// The request is out, or will never be: what named a key is overwritten.
static void tamar__net_forget_request(tamar__net_conn *c)
{
    if (c->head) tamar__base_wipe(c->head, c->head_len);
    c->head = NULL;
    c->out = NULL;
}

static void tamar__net_close_tries(tamar__net *n, tamar__net_conn *c)
{
    int i;
    for (i = 0; i < c->next_address; i++) {
        if (c->tries[i] != -1) n->sockets.close(n->sockets.user_data, c->tries[i]);
        c->tries[i] = -1;
    }
}

static void tamar__net_close(tamar__net *n, tamar__net_conn *c)
{
    if (c->state == TAMAR__NET_FREE) return;
    if (c->state == TAMAR__NET_CONNECTING) tamar__net_close_tries(n, c);
    tamar__net_forget_request(c);
    if (c->lookup) n->sockets.resolve(n->sockets.user_data, NULL, 0, NULL, 0, &c->lookup);
    if (c->tls) n->tls.end(c->tls);
    if (c->socket != -1) {
        n->sockets.close(n->sockets.user_data, c->socket);
        tamar__net_log(n, TAMAR__LOG_CONNECTION_CLOSED, c);
    }
    tamar__arena_free(&c->arena);
    c->origin->users--;
    tamar__net_set(n, c, TAMAR__NET_FREE);
    c->socket = -1;
    c->lookup = 0;
    c->tls = NULL;
    c->events = 0;
    c->sink = NULL;
}

static void tamar__net_drop_idle(tamar__net *n, const tamar__net_origin *origin)  // NULL: all
{
    size_t i;
    for (i = 0; n->idle_count && i < n->conn_count; i++)
        if (n->conns[i]->state == TAMAR__NET_IDLE && (!origin || n->conns[i]->origin == origin))
            tamar__net_close(n, n->conns[i]);
}

static tamar_category tamar__net_category(int error, const char **message)
{
    switch (error) {
    case TAMAR_IO_CLOSED: *message = "the server closed the connection"; return TAMAR_RESET;
    case TAMAR_IO_RESET: *message = "the connection was reset"; return TAMAR_RESET;
    case TAMAR_IO_REFUSED:
        *message = "the connection was refused: is the server running, are host and port right?";
        return TAMAR_CONNECT;
    case TAMAR_IO_UNREACHABLE:
        *message = "the server cannot be reached: is this computer online?";
        return TAMAR_CONNECT;
    case TAMAR_IO_NO_NAME: *message = "the host name does not exist: is base_url spelt right?"; return TAMAR_DNS;
    case TAMAR_IO_NAME_AGAIN:
        *message = "the name service did not answer: is this computer online?";
        return TAMAR_DNS;
    case TAMAR_IO_LIMIT: *message = "no more sockets or memory on this system"; return TAMAR_LOCAL_LIMIT;
    case TAMAR_IO_UNSUPPORTED:
        *message =
            "names cannot be looked up in this build or in fixed memory: use a numeric host, or bring "
            "desc.sockets with a resolver";
        return TAMAR_DNS;
    default: *message = "the network failed"; return TAMAR_CONNECT;
    }
}

// Ends the exchange with an error and closes the connection.
static void tamar__net_fail(tamar__net *n, tamar__net_conn *c, tamar_category category, const char *message,
                            tamar__net_ending ending)
{
    tamar__net_sink *sink = c->sink;
    uint32_t id = c->id;
    bool reused = c->served > 0;
    size_t sent = c->out_at;
    tamar__net_origin *origin = c->origin;
    if (reused && !c->answered && category == TAMAR_RESET) ending = TAMAR__NET_STALE;
    c->sink = NULL;
    tamar__net_forget_request(c);
    if (ending != TAMAR__NET_CLOSED) {
        tamar__net_drop_idle(n, origin);
        origin->fresh_until_us = 0;
    }
    // message may live in the TLS session: told before it is closed
    if (sink) sink->end(sink, id, category, message, ending, reused, sent);
    tamar__net_close(n, c);
}

static void tamar__net_io_failed(tamar__net *n, tamar__net_conn *c, int error)
{
    const char *message;
    tamar_category category;
    if (error == TAMAR_IO_CERT || error == TAMAR_IO_TLS) {
        message = c->tls ? n->tls.why(c->tls) : "TLS failed";
        category = error == TAMAR_IO_CERT ? TAMAR_TLS_CERT : TAMAR_TLS_PROTO;
    }
    else category = tamar__net_category(error, &message);
    if (error == TAMAR_IO_CLOSED && c->tls && !c->shaken) {
        category = TAMAR_TLS_PROTO;
        message = "the server closed the connection during the TLS handshake: does this port speak https?";
    }
    tamar__net_fail(n, c, category, message, TAMAR__NET_CUT);
}

// -- sending ---------------------------------------------------------------------------------------

// Moves ciphertext out. 1: all of it; 0: the socket is full; below zero: an error.
static int tamar__net_flush(tamar__net *n, tamar__net_conn *c)
{
    for (;;) {
        const char *p = NULL;
        ptrdiff_t len = (ptrdiff_t)(c->pending.len - c->pending_at), sent;
        bool kept = len > 0;
        if (kept) p = c->pending.ptr + c->pending_at;
        else {
            c->pending.len = c->pending_at = 0;
            p = n->buffer;
            len = n->tls.drain(c->tls, n->buffer, n->buffer_size);
            if (len <= 0) return len < 0 ? (int)len : 1;
        }
        while (len > 0) {
            sent = n->sockets.send(n->sockets.user_data, c->socket, p, (size_t)len);
            if (sent < 0 && sent != TAMAR_IO_AGAIN) return (int)sent;
            if (sent <= 0) {
                if (!kept && !tamar__str_put(&c->pending, p, (size_t)len)) return TAMAR_IO_LIMIT;
                return 0;
            }
            p += sent;
            len -= sent;
            if (kept) c->pending_at += (size_t)sent;
        }
    }
}

static void tamar__net_phase(tamar__net_conn *c, tamar_phase phase)
{
    if (c->sink) c->sink->phase(c->sink, c->id, phase);
}

// Sends what can be sent. 0, or an error.
static int tamar__net_send(tamar__net *n, tamar__net_conn *c)
{
    c->full = false;
    while (c->out_at < c->out_len || (c->tls && !c->shaken)) {
        const char *p = c->out_at < c->out_len ? c->out + c->out_at : "";
        ptrdiff_t took;
        if (c->tls) {
            int flushed = tamar__net_flush(n, c);
            if (flushed <= 0) {
                c->full = flushed == 0;
                return flushed;
            }
            took = n->tls.write(c->tls, p, tamar__base_min(c->out_len - c->out_at, 16384));
            if (took == TAMAR_IO_AGAIN) break;  // the handshake waits for the peer
        }
        else took = n->sockets.send(n->sockets.user_data, c->socket, p, c->out_len - c->out_at);
        if (took == TAMAR_IO_AGAIN || took == 0) {
            c->full = true;
            return 0;
        }
        if (took < 0) return (int)took;
        if (c->tls && !c->shaken) c->shaken = true;
        c->out_at += (size_t)took;
        if (c->out_at == c->out_len) tamar__net_forget_request(c);  // it may go before the answer comes
        tamar__net_phase(c, c->out_at == c->out_len ? TAMAR_PHASE_WAIT : TAMAR_PHASE_SEND);
    }
    if (c->tls) {
        int flushed = tamar__net_flush(n, c);
        if (flushed < 0) return flushed;
        c->full = flushed == 0;
    }
    return 0;
}

// -- receiving -------------------------------------------------------------------------------------

// The message ended exactly. Back to the pool, if nothing speaks against it.
static void tamar__net_done(tamar__net *n, tamar__net_conn *c, bool leftover)
{
    tamar__net_sink *sink = c->sink;
    uint32_t id = c->id;
    bool reused = c->served > 0, keep = c->http.keep_alive && !leftover && c->out_at == c->out_len && !c->send_error;
    size_t sent = c->out_at;
    c->sink = NULL;
    if (keep && n->max_idle) {
        tamar__net_forget_request(c);
        tamar__arena_free(&c->arena);
        tamar__str_init(&c->pending, &c->arena, SIZE_MAX / 2);
        c->served++;
        while (n->idle_count >= n->max_idle) {  // the one that sat longest goes
            tamar__net_conn *oldest = NULL;
            size_t i;
            for (i = 0; i < n->conn_count; i++)
                if (n->conns[i]->state == TAMAR__NET_IDLE && (!oldest || n->conns[i]->since_us < oldest->since_us))
                    oldest = n->conns[i];
            if (!oldest) break;
            tamar__net_close(n, oldest);
        }
        tamar__net_set(n, c, TAMAR__NET_IDLE);
    }
    else tamar__net_close(n, c);
    if (sink) sink->end(sink, id, TAMAR_OK, NULL, TAMAR__NET_CLEAN, reused, sent);
}

// Parses what came. False: the connection is no longer in this exchange.
static bool tamar__net_take(tamar__net *n, tamar__net_conn *c, const char *p, size_t len)
{
    const char *end = p + len;
    tamar_str body, name, value;
    uint32_t id = c->id;
    c->answered = true;
    for (;;) {
        switch (tamar__http1_next(&c->http, &p, end, &body)) {
        case TAMAR__HTTP1_MORE: return true;
        case TAMAR__HTTP1_HEAD:
            if (!c->sink) break;
            c->sink->status(c->sink, id, c->http.status);
            while (c->sink && tamar__http1_header(&c->http, &name, &value)) c->sink->header(c->sink, id, name, value);
            tamar__net_phase(c, TAMAR_PHASE_BODY);
            break;
        case TAMAR__HTTP1_BODY:
            if (c->sink) c->sink->body(c->sink, id, body.ptr, body.len);
            else if ((c->drained += (uint32_t)body.len) > 65536) {
                tamar__net_close(n, c);
                return false;
            }
            break;
        case TAMAR__HTTP1_END: tamar__net_done(n, c, p < end); return false;
        default:
            tamar__net_fail(n, c,
                            c->http.limit     ? TAMAR_LIMIT
                            : c->http.starved ? TAMAR_NOMEM
                                              : TAMAR_PROTO,
                            c->http.fault, TAMAR__NET_CUT);
            return false;
        }
        if (c->state == TAMAR__NET_FREE || c->id != id) return false;
    }
}

// The peer is gone; error is CLOSED or worse. orderly: nothing can have been cut off (TCP FIN, or close_notify).
static void tamar__net_ended(tamar__net *n, tamar__net_conn *c, int error, bool orderly)
{
    if (!c->sink) tamar__net_close(n, c);
    else if (orderly && c->answered && tamar__http1_eof(&c->http))
        tamar__net_fail(n, c, TAMAR_OK, NULL, TAMAR__NET_CLOSED);
    else if (c->answered && error == TAMAR_IO_CLOSED)
        tamar__net_fail(n, c, TAMAR_RESET, "the connection ended before the answer did", TAMAR__NET_CUT);
    else tamar__net_io_failed(n, c, c->send_error && !c->answered ? c->send_error : error);
}

static void tamar__net_receive(tamar__net *n, tamar__net_conn *c)
{
    while (n->budget) {
        // Over TLS ciphertext lands in the buffer's upper half, so that plaintext can leave through the lower one.
        size_t cap = c->tls ? n->buffer_size / 2 : n->buffer_size;
        char *in = n->buffer + (n->buffer_size - cap);
        ptrdiff_t got = n->sockets.recv(n->sockets.user_data, c->socket, in, cap), plain;
        if (got == TAMAR_IO_AGAIN) return;
        if (got <= 0) {
            tamar__net_ended(n, c, got == 0 ? TAMAR_IO_CLOSED : (int)got, got == TAMAR_IO_CLOSED && !c->tls);
            return;
        }
        n->budget -= tamar__base_min(n->budget, (size_t)got);
        if (!c->tls) {
            if (!tamar__net_take(n, c, n->buffer, (size_t)got)) return;
        }
        else {
            ptrdiff_t at = 0;
            while (at < got) {
                ptrdiff_t fed = n->tls.feed(c->tls, in + at, (size_t)(got - at));
                if (fed <= 0) {
                    tamar__net_io_failed(n, c, fed < 0 ? (int)fed : TAMAR_IO_TLS);
                    return;
                }
                at += fed;
                while ((plain = n->tls.read(c->tls, n->buffer, n->buffer_size - cap)) > 0) {
                    c->shaken = true;
                    if (!tamar__net_take(n, c, n->buffer, (size_t)plain)) return;
                }
                if (plain == TAMAR_IO_CLOSED) {
                    tamar__net_ended(n, c, TAMAR_IO_CLOSED, true);
                    return;
                }
                if (plain < 0 && plain != TAMAR_IO_AGAIN) {
                    tamar__net_flush(n, c);  // the alert that tells the peer why
                    tamar__net_io_failed(n, c, (int)plain);
                    return;
                }
            }
        }
        if ((size_t)got < cap) return;  // the socket is empty; if not, wait tells again
    }
}

// -- connecting ------------------------------------------------------------------------------------

static void tamar__net_work(tamar__net *n, tamar__net_conn *c, int events)
{
    uint32_t id = c->id;
    int error;
    if (events & TAMAR_READABLE) {
        tamar__net_receive(n, c);
        if (c->id != id || (c->state != TAMAR__NET_BUSY && c->state != TAMAR__NET_DRAINING)) return;
    }
    if (c->state == TAMAR__NET_BUSY && !c->send_error) {
        error = tamar__net_send(n, c);
        if (error == TAMAR_IO_CERT || error == TAMAR_IO_TLS) {
            tamar__net_io_failed(n, c, error);
            return;
        }
        c->send_error = error;  // what the server said before it hung up is still read
    }
    if (!tamar__net_watch(n, c, TAMAR_READABLE | (c->full && !c->send_error ? TAMAR_WRITABLE : 0)))
        tamar__net_io_failed(n, c, TAMAR_IO_LIMIT);
}

static void tamar__net_connected(tamar__net *n, tamar__net_conn *c)
{
    tamar__net_set(n, c, TAMAR__NET_BUSY);
    tamar__net_log(n, TAMAR__LOG_CONNECTION_OPENED, c);
    if (c->origin->https) {
        tamar_tls_wanted wanted;
        const char *why = "TLS could not be started";
        memset(&wanted, 0, sizeof wanted);
        wanted.host = c->origin->host;
        wanted.numeric = c->origin->numeric;
        wanted.ca_file = n->ca_file;
        wanted.unix_ms = n->clock.unix_ms(n->clock.user_data);
        tamar__net_phase(c, TAMAR_PHASE_TLS);
        c->tls = n->tls.start(n->tls.user_data, &wanted, &why);
        if (!c->tls) {
            tamar__net_fail(n, c, TAMAR_CONFIG, why, TAMAR__NET_CUT);
            return;
        }
    }
    else tamar__net_phase(c, TAMAR_PHASE_SEND);
    tamar__net_work(n, c, 0);
}

// Begins the addresses one after the other, each 250 ms after the one before or when that one failed; those begun stay
// in the race (RFC 8305 section 5). The first that connects wins. next: the time for the next one has come.
static void tamar__net_connect(tamar__net *n, tamar__net_conn *c, bool next)
{
    int i, running = 0;
    for (i = 0; i < c->next_address || ((next || !running) && i < c->origin->address_count); i++) {
        int r = TAMAR_IO_AGAIN;
        if (i >= c->next_address) {
            c->next_address = i + 1;
            c->tries[i] = -1;
            c->next_try_us = i + 1 < c->origin->address_count ? n->now_us + 250000 : UINT64_MAX;
            next = false;
        }
        else if (c->tries[i] == -1) continue;
        r = n->sockets.connect(n->sockets.user_data, &c->origin->addresses[i], &c->tries[i]);
        if (r == TAMAR_IO_LIMIT && n->idle_count) {  // those that sit idle make room
            tamar__net_drop_idle(n, NULL);
            r = n->sockets.connect(n->sockets.user_data, &c->origin->addresses[i], &c->tries[i]);
        }
        if (r == TAMAR_IO_AGAIN && !n->sockets.watch(n->sockets.user_data, c->tries[i], TAMAR_WRITABLE, c->self)) {
            n->sockets.close(n->sockets.user_data, c->tries[i]);
            r = TAMAR_IO_LIMIT;
        }
        if (r == TAMAR_IO_AGAIN) running++;
        else if (r == 0) {
            c->socket = c->tries[i];
            c->tries[i] = -1;
            tamar__net_close_tries(n, c);
            c->events = -1;
            tamar__net_connected(n, c);
            return;
        }
        else {
            c->tries[i] = -1;
            c->last_error = r;
            next = true;
        }
    }
    if (!running) tamar__net_io_failed(n, c, c->last_error ? c->last_error : TAMAR_IO_NO_NAME);
}

static void tamar__net_resolve(tamar__net *n, tamar__net_conn *c)
{
    tamar__net_origin *o = c->origin;
    int r;
    if (o->fresh_until_us <= n->now_us) {
        r = n->sockets.resolve(n->sockets.user_data, o->host, o->port, o->addresses, 8, &c->lookup);
        if (r == TAMAR_IO_AGAIN) return;
        c->lookup = 0;
        if (r <= 0) {
            tamar__net_io_failed(n, c, r < 0 ? r : TAMAR_IO_NO_NAME);
            return;
        }
        o->address_count = r;
        o->fresh_until_us = n->now_us + 60000000;
    }
    else if (c->lookup) n->sockets.resolve(n->sockets.user_data, NULL, 0, NULL, 0, &c->lookup);
    tamar__net_set(n, c, TAMAR__NET_CONNECTING);
    tamar__net_phase(c, TAMAR_PHASE_CONNECT);
    tamar__net_connect(n, c, false);
}

// -- the pool --------------------------------------------------------------------------------------

// Is an idle connection still good? Anything to read on it, but for TLS's own housekeeping, says no.
static bool tamar__net_healthy(tamar__net *n, tamar__net_conn *c)
{
    ptrdiff_t got = n->sockets.recv(n->sockets.user_data, c->socket, n->buffer, n->buffer_size), at, fed;
    if (got == TAMAR_IO_AGAIN) return true;
    if (got <= 0 || !c->tls) return false;
    for (at = 0; at < got; at += fed)
        if ((fed = n->tls.feed(c->tls, n->buffer + at, (size_t)(got - at))) <= 0) return false;
    return n->tls.read(c->tls, n->buffer, n->buffer_size) == TAMAR_IO_AGAIN;
}

static tamar__net_origin *tamar__net_origin_of(tamar__net *n, const tamar__url *url)
{
    tamar__net_origin *o = NULL;
    tamar_address numeric;
    size_t i, slot = n->origin_count, size = strlen(url->host) + 1;
    for (i = 0; i < n->origin_count; i++) {
        o = n->origins[i];
        if (o->https == url->https && o->port == url->port && !strcmp(o->host, url->host)) return o;
        if (!o->users && n->origin_count >= 32) slot = i;
    }
    o = (tamar__net_origin *)tamar__base_resize(n->memory, NULL, 0, sizeof *o);
    if (!o) return NULL;
    memset(o, 0, sizeof *o);
    o->host_size = size;
    o->host = (char *)tamar__base_resize(n->memory, NULL, 0, size);
    if (slot == n->origin_cap && o->host) {
        size_t cap = n->origin_cap ? n->origin_cap * 2 : 4;
        tamar__net_origin **list =
            (tamar__net_origin **)tamar__base_resize(n->memory, n->origins, n->origin_cap * sizeof *list,
                                                     cap * sizeof *list);
        if (list) {
            n->origins = list;
            n->origin_cap = cap;
        }
    }
    if (!o->host || slot == n->origin_cap) {
        if (o->host) tamar__base_resize(n->memory, o->host, size, 0);
        tamar__base_resize(n->memory, o, sizeof *o, 0);
        return NULL;
    }
    memcpy(o->host, url->host, size);
    o->port = url->port;
    o->https = url->https;
    o->numeric = tamar__os_address(o->host, o->port, &numeric);
    if (slot < n->origin_count) {  // an origin that nobody uses makes room
        tamar__base_resize(n->memory, n->origins[slot]->host, n->origins[slot]->host_size, 0);
        tamar__base_resize(n->memory, n->origins[slot], sizeof *o, 0);
    }
    else n->origin_count++;
    n->origins[slot] = o;
    return o;
}

static tamar__net_conn *tamar__net_conn_free(tamar__net *n)
{
    tamar__net_conn *c;
    size_t i;
    for (i = 0; i < n->conn_count; i++)
        if (n->conns[i]->state == TAMAR__NET_FREE) return n->conns[i];
    if (n->conn_count == n->conn_cap) {
        size_t cap = n->conn_cap ? n->conn_cap * 2 : 4;
        tamar__net_conn **list =
            (tamar__net_conn **)tamar__base_resize(n->memory, n->conns, n->conn_cap * sizeof *list,
                                                   cap * sizeof *list);
        if (!list) return NULL;
        n->conns = list;
        n->conn_cap = cap;
    }
    c = (tamar__net_conn *)tamar__base_resize(n->memory, NULL, 0, sizeof *c);
    if (!c) return NULL;
    memset(c, 0, sizeof *c);
    c->self = (uint16_t)n->conn_count;
    c->socket = -1;
    n->conns[n->conn_count++] = c;
    return c;
}

// -- the request's head ----------------------------------------------------------------------------

static char *tamar__net_put(char *to, const char *ptr, size_t len)
{
    if (len) memcpy(to, ptr, len);
    return to + len;
}

static char *tamar__net_puts(char *to, const char *z) { return tamar__net_put(to, z, strlen(z)); }

static char *tamar__net_put_uint(char *to, uint64_t value)
{
    char digits[20];
    size_t i = sizeof digits;
    do digits[--i] = (char)('0' + value % 10);
    while (value /= 10);
    return tamar__net_put(to, digits + i, sizeof digits - i);
}

#define TAMAR__NET_HEAD 128  // bytes of a head at most, without method, host, path and header lines

// Room that a head needs, or a little more.
static size_t tamar__net_head_room(const tamar_http_request *rq, const tamar__url *url)
{
    size_t i, n = TAMAR__NET_HEAD + strlen(rq->method) + strlen(url->host) + url->path.len;
    for (i = 0; i < rq->header_count; i++) n += rq->headers[i].name.len + rq->headers[i].value.len + 4;
    return n;
}

// Writes the request's head; returns its length.
static size_t tamar__net_head(char *out, const tamar_http_request *rq, const tamar__url *url)
{
    char *to = out;
    size_t i;
    tamar_str host = tamar__str_z(url->host);
    to = tamar__net_puts(to, rq->method);
    to = tamar__net_puts(to, url->path.len && url->path.ptr[0] == '/' ? " " : " /");
    to = tamar__net_put(to, url->path.ptr, url->path.len);
    to = tamar__net_puts(to, url->numeric6 ? " HTTP/1.1\r\nHost: [" : " HTTP/1.1\r\nHost: ");
    to = tamar__net_put(to, host.ptr, url->numeric6 ? tamar__str_at(host, '%') : host.len);
    if (url->numeric6) *to++ = ']';
    if (url->port != (url->https ? 443 : 80)) {
        *to++ = ':';
        to = tamar__net_put_uint(to, url->port);
    }
    to = tamar__net_put(to, "\r\n", 2);
    for (i = 0; i < rq->header_count; i++) {
        to = tamar__net_put(to, rq->headers[i].name.ptr, rq->headers[i].name.len);
        to = tamar__net_put(to, ": ", 2);
        to = tamar__net_put(to, rq->headers[i].value.ptr, rq->headers[i].value.len);
        to = tamar__net_put(to, "\r\n", 2);
    }
    if (rq->body.len || strcmp(rq->method, "GET")) {
        to = tamar__net_puts(to, "Content-Length: ");
        to = tamar__net_put_uint(to, rq->body.len);
        to = tamar__net_put(to, "\r\n", 2);
    }
    to = tamar__net_put(to, "\r\n", 2);
    return (size_t)(to - out);
}

// -- the transport's functions ---------------------------------------------------------------------

// The body (and the room in front of it) must stay until it is sent: it leaves from where it is.
static bool tamar__net_start(void *user_data, tamar_exchange exchange, const tamar_http_request *rq, const char **why)
{
    tamar__net *n = (tamar__net *)user_data;
    tamar__url url;
    tamar__net_origin *origin;
    tamar__net_conn *c = NULL;
    char head[512];
    size_t i, room;
    const char *bad = tamar__url_recall(&n->memo, rq->url, &url);
    *why = bad;
    if (bad) return false;
    n->now_us = n->clock.now_us(n->clock.user_data);
    if (url.https && n->tls_system && !*n->tls_system) {
        *n->tls_system = tamar__tls_open(n->memory, n->ca_file, why);
        if (!*n->tls_system) return false;
        n->tls = tamar__tls_seam(*n->tls_system);
    }
    *why = tamar__base_no_memory();
    origin = tamar__net_origin_of(n, &url);
    if (!origin) return false;
    for (;;) {  // the one used last is the likeliest to live
        c = NULL;
        for (i = 0; n->idle_count && i < n->conn_count; i++)
            if (n->conns[i]->state == TAMAR__NET_IDLE && n->conns[i]->origin == origin &&
                (!c || n->conns[i]->since_us > c->since_us))
                c = n->conns[i];
        if (!c) break;
        if (n->now_us - c->since_us < 100000) break;
        if (n->now_us - c->since_us < n->max_idle_us && tamar__net_healthy(n, c)) break;
        tamar__net_close(n, c);
    }
    if (!c) {
        if (n->open_count >= n->max_conns) {
            *why = tamar__net_busy();
            return false;
        }
        if (n->open_count + n->idle_count >= n->max_conns) tamar__net_drop_idle(n, NULL);
        c = tamar__net_conn_free(n);
        if (!c) return false;
        c->origin = origin;
        origin->users++;
        c->served = 0;
        c->shaken = false;
        c->next_address = c->last_error = 0;
        tamar__arena_init(&c->arena, n->memory, 512);
        tamar__str_init(&c->pending, &c->arena, SIZE_MAX / 2);
        c->pending_at = 0;
        tamar__net_set(n, c, TAMAR__NET_RESOLVING);
    }
    else tamar__net_set(n, c, TAMAR__NET_BUSY);
    tamar__http1_init(&c->http, &c->arena, n->max_header, !strcmp(rq->method, "HEAD"));
    c->sink = (tamar__net_sink *)exchange.owner;
    c->id = exchange.id;
    c->answered = c->full = false;
    c->send_error = 0;
    c->drained = 0;
    room = tamar__net_head_room(rq, &url);
    c->out_at = 0;
    if (room <= sizeof head && rq->body.ptr && room <= rq->room) {  // in front of the body
        c->head_len = tamar__net_head(head, rq, &url);
        c->head = (char *)(uintptr_t)(rq->body.ptr - c->head_len);
        memcpy(c->head, head, c->head_len);
        tamar__base_wipe(head, c->head_len);
    }
    else {
        c->head = (char *)tamar__arena_resize(&c->arena, NULL, room + rq->body.len);
        if (!c->head) {
            c->sink = NULL;
            tamar__net_close(n, c);
            return false;
        }
        c->head_len = tamar__net_head(c->head, rq, &url);
        if (rq->body.len) memcpy(c->head + c->head_len, rq->body.ptr, rq->body.len);
    }
    c->out_len = c->head_len + rq->body.len;
    c->out = c->head;
    if (c->state == TAMAR__NET_BUSY) {
        tamar__net_phase(c, TAMAR_PHASE_SEND);
        tamar__net_work(n, c, 0);
    }
    else {
        tamar__net_phase(c, TAMAR_PHASE_RESOLVE);
        tamar__net_resolve(n, c);
    }
    return true;
}

static tamar__net_conn *tamar__net_of(tamar__net *n, tamar_exchange exchange)
{
    size_t i;
    for (i = 0; i < n->conn_count; i++)
        if (n->conns[i]->sink && n->conns[i]->id == exchange.id) return n->conns[i];
    return NULL;
}

static void tamar__net_cancel(void *user_data, tamar_exchange exchange)
{
    tamar__net *n = (tamar__net *)user_data;
    tamar__net_conn *c = tamar__net_of(n, exchange);
    if (!c) return;
    c->sink = NULL;
    tamar__net_close(n, c);
}

// The caller has all it needs; if the message ends soon and exactly, the connection may serve again. Called from inside
// body(): the rest of what was received is still parsed.
// True: it had served before.
static bool tamar__net_release(tamar__net *n, tamar_exchange exchange)
{
    tamar__net_conn *c = tamar__net_of(n, exchange);
    if (!c) return false;
    c->sink = NULL;
    if (c->out_at < c->out_len) tamar__net_close(n, c);
    else tamar__net_set(n, c, TAMAR__NET_DRAINING);
    return c->served > 0;
}

// Closes what sat or drained too long, and goes on to the next address where one does not answer.
static void tamar__net_sweep(tamar__net *n)
{
    size_t i;
    n->now_us = n->clock.now_us(n->clock.user_data);
    for (i = 0; n->draining_count + n->idle_count + n->connecting_count && i < n->conn_count; i++) {
        tamar__net_conn *c = n->conns[i];
        if ((c->state == TAMAR__NET_DRAINING && n->now_us - c->since_us > 1000000) ||
            (c->state == TAMAR__NET_IDLE && n->now_us - c->since_us > n->max_idle_us))
            tamar__net_close(n, c);
        else if (c->state == TAMAR__NET_CONNECTING && n->now_us >= c->next_try_us) tamar__net_connect(n, c, true);
    }
}

// Milliseconds until sweep has something to do; -1: nothing.
static int64_t tamar__net_due(const tamar__net *n)
{
    uint64_t due = UINT64_MAX, t;
    size_t i;
    for (i = 0; n->draining_count + n->idle_count + n->connecting_count && i < n->conn_count; i++) {
        const tamar__net_conn *c = n->conns[i];
        t = c->state == TAMAR__NET_CONNECTING ? c->next_try_us
            : c->state == TAMAR__NET_IDLE     ? c->since_us + n->max_idle_us + 1
            : c->state == TAMAR__NET_DRAINING ? c->since_us + 1000001
                                              : UINT64_MAX;
        if (t < due) due = t;
    }
    if (due == UINT64_MAX) return -1;
    return due > n->now_us ? (int64_t)((due - n->now_us + 999) / 1000) : 0;
}

static void tamar__net_pump(void *user_data, int wait_ms)
{
    tamar__net *n = (tamar__net *)user_data;
    tamar_ready ready[64];
    size_t i;
    int count, k;
    tamar__net_sweep(n);
    for (i = 0; n->waiting_count && i < n->conn_count; i++)
        if (n->conns[i]->state == TAMAR__NET_RESOLVING) tamar__net_resolve(n, n->conns[i]);
    if (!n->open_count && wait_ms == 0) return;
    if (wait_ms) {
        int64_t own = tamar__net_due(n);
        if (own >= 0 && (wait_ms < 0 || own < wait_ms)) wait_ms = (int)own;
    }
    count = n->sockets.wait(n->sockets.user_data, ready, 64, wait_ms);
    n->now_us = n->clock.now_us(n->clock.user_data);
    for (k = 0; k < count; k++) {
        tamar__net_conn *c = ready[k].tag < n->conn_count ? n->conns[ready[k].tag] : NULL;
        if (!c) continue;
        switch (c->state) {
        case TAMAR__NET_CONNECTING: tamar__net_connect(n, c, false); break;
        case TAMAR__NET_BUSY: case TAMAR__NET_DRAINING:
            if (n->budget) tamar__net_work(n, c, ready[k].events);
            break;
        case TAMAR__NET_IDLE:
            if (!tamar__net_healthy(n, c)) tamar__net_close(n, c);
            break;
        default: break;
        }
    }
    for (i = 0; n->waiting_count && i < n->conn_count; i++)
        if (n->conns[i]->state == TAMAR__NET_RESOLVING) tamar__net_resolve(n, n->conns[i]);
}

static int tamar__net_poll_fds(void *user_data, tamar_poll_fd *out, int cap, int *timeout_ms)
{
    tamar__net *n = (tamar__net *)user_data;
    intptr_t extra[32];
    int count = 0, k, extras = n->sockets.extra_fds ? n->sockets.extra_fds(n->sockets.user_data, extra, 32) : 0;
    size_t i;
    int64_t own = tamar__net_due(n);
    if (own >= 0 && own < INT32_MAX) *timeout_ms = (int)own;
    for (k = 0; k < extras && k < 32; k++, count++)
        if (count < cap) out[count].fd = extra[k], out[count].events = TAMAR_READABLE;
    if (n->all_in_one) return count;
    for (i = 0; i < n->conn_count; i++) {
        const tamar__net_conn *c = n->conns[i];
        if (c->state == TAMAR__NET_CONNECTING)
            for (k = 0; k < c->next_address; k++) {
                if (c->tries[k] == -1) continue;
                if (count < cap) out[count].fd = c->tries[k], out[count].events = TAMAR_WRITABLE;
                count++;
            }
        else if (c->events > 0 && c->socket != -1) {
            if (count < cap) out[count].fd = c->socket, out[count].events = c->events;
            count++;
        }
    }
    return count;
}

static void tamar__net_wake(void *user_data)
{
    tamar__net *n = (tamar__net *)user_data;
    if (n->sockets.wake) n->sockets.wake(n->sockets.user_data);
}

static void tamar__net_free(tamar__net *n)
{
    size_t i;
    for (i = 0; i < n->conn_count; i++) {
        n->conns[i]->sink = NULL;
        tamar__net_close(n, n->conns[i]);
        tamar__base_resize(n->memory, n->conns[i], sizeof **n->conns, 0);
    }
    tamar__base_resize(n->memory, n->conns, n->conn_cap * sizeof *n->conns, 0);
    for (i = 0; i < n->origin_count; i++) {
        tamar__base_resize(n->memory, n->origins[i]->host, n->origins[i]->host_size, 0);
        tamar__base_resize(n->memory, n->origins[i], sizeof **n->origins, 0);
    }
    tamar__base_resize(n->memory, n->origins, n->origin_cap * sizeof *n->origins, 0);
    if (n->buffer) tamar__base_resize(n->memory, n->buffer, n->buffer_size, 0);
    n->conns = NULL;
    n->origins = NULL;
    n->buffer = NULL;
    n->conn_count = n->conn_cap = n->origin_count = n->origin_cap = 0;
}

// =================================================================================================
// >>auth  keys, tokens, signatures | uses: all above
// Finds the key for one attempt, checks it, decides whether it may travel to this URL, and mints or signs where the row
// says so. The order: the request, the key callback, the description, the environment. Key, token and header live in
// memory that is wiped.
// =================================================================================================

// Copies a key into the arena, trimmed. "Bearer ..." is a token. NULL, or what is wrong with it.
static const char *tamar__auth_take(tamar__arena *a, tamar_str key, tamar_str *out, bool *token)
{
    size_t i;
    char *copy;
    key = tamar__str_trim(key);
    if (tamar__str_is_nocase(tamar__str_head(key, 7), "Bearer ")) {
        key = tamar__str_trim(tamar__str_make(key.ptr + 7, key.len - 7));
        *token = true;
    }
    out->len = 0;
    if (!key.len) return NULL;
    for (i = 0; i < key.len; i++)
        if ((unsigned char)key.ptr[i] <= ' ' || (unsigned char)key.ptr[i] >= 0x7F)
            return "the API key holds a space, a control byte or a byte that is not ASCII: was it pasted "
                   "whole, and nothing else?";
    copy = tamar__arena_copy(a, key.ptr, key.len);
    if (!copy) return tamar__base_no_memory();
    *out = tamar__str_make(copy, key.len);
    return NULL;
}

// The first variable of "A,B" that is set and not empty. token: of "Bearer B", that it was one (may be NULL).
static const char *tamar__auth_variable(const tamar_environment *env, const char *names, bool *token)
{
    char name[64];
    while (names && *names) {
        const char *comma = strchr(names, ','), *value;
        size_t n = comma ? (size_t)(comma - names) : strlen(names);
        bool bearer = token && n > 7 && !memcmp(names, "Bearer ", 7);
        if (n < sizeof name) {
            memcpy(name, names + (bearer ? 7 : 0), n - (bearer ? 7 : 0));
            name[n - (bearer ? 7 : 0)] = 0;
            value = env->get ? env->get(env->user_data, name) : NULL;
            if (value && *value) {
                if (bearer) *token = true;
                return value;
            }
        }
        names += n + (comma ? 1 : 0);
    }
    return NULL;
}

static const char *tamar__auth_key(const tamar_desc *desc, const char *desc_key, const tamar_request *rq,
                                   const tamar_provider *row, const tamar__url *url, tamar__arena *a, tamar_str *key,
                                   bool *token)
{
    const char *bad = NULL, *variable, *plus;
    tamar__str_buf both;
    char buffer[2048];
    key->ptr = NULL;
    key->len = 0;
    *token = false;
    if (rq->api_key) return tamar__auth_take(a, tamar__str_z(rq->api_key), key, token);
    if (desc->key.get) {
        size_t n = desc->key.get(desc->key.user_data, row->name, url->host, buffer, sizeof buffer);
        if (n > sizeof buffer) return "desc.key gave a key that is longer than 2048 bytes";
        bad = tamar__auth_take(a, tamar__str_make(buffer, n), key, token);
        tamar__base_wipe(buffer, sizeof buffer);
        if (bad || key->len) return bad;
    }
    if (desc_key) return tamar__auth_take(a, tamar__str_z(desc_key), key, token);
    variable = tamar__auth_variable(&desc->environment, row->key_env, token);
    if (variable) return tamar__auth_take(a, tamar__str_z(variable), key, token);
    plus = row->key_env ? strchr(row->key_env, '+') : NULL;
    if (plus && (size_t)(plus - row->key_env) < sizeof buffer) {  // a key of two halves
        const char *first, *second = tamar__auth_variable(&desc->environment, plus + 1, NULL);
        memcpy(buffer, row->key_env, (size_t)(plus - row->key_env));
        buffer[plus - row->key_env] = 0;
        first = tamar__auth_variable(&desc->environment, buffer, NULL);
        if (!first || !second) return NULL;
        tamar__str_init(&both, a, SIZE_MAX / 2);
        tamar__str_room(&both, strlen(first) + strlen(second) + 2);  // not moved: it is wiped
        tamar__str_puts(&both, first);
        tamar__str_putc(&both, ':');
        tamar__str_puts(&both, second);
        if (both.full) return tamar__base_no_memory();
        bad = tamar__auth_take(a, tamar__str_view(&both), key, token);
        tamar__base_wipe(both.ptr, both.len);
    }
    return bad;
}

// Appends what a table "x=one;*=any-*" has for a value: the first key that is the value, or *; a * in the text behind
// it stands for the value.
static void tamar__auth_lookup(tamar_str table, tamar_str value, tamar__str_buf *out)
{
    while (table.len) {
        tamar_str row = tamar__str_make(table.ptr, tamar__str_at(table, ';')), key;
        size_t i;
        key = tamar__str_make(row.ptr, tamar__str_at(row, '='));
        if (tamar__str_equal(key, value) || tamar__str_is(key, "*")) {
            for (i = key.len + 1; i < row.len; i++)
                if (row.ptr[i] == '*') tamar__str_put(out, value.ptr, value.len);
                else tamar__str_putc(out, row.ptr[i]);
            return;
        }
        i = tamar__base_min(row.len + 1, table.len);
        table.ptr += i;
        table.len -= i;
    }
}

// Appends text with each {A,B|default?table} replaced; {model} stays. NULL, or what is wrong.
static const char *tamar__auth_expand(const tamar_environment *env, tamar_str text, tamar__str_buf *out)
{
    char names[128];
    size_t i, n, bar, mark;
    for (i = 0; i < text.len; i += n + 2) {
        const char *close, *value;
        tamar_str found;
        tamar_str inner = tamar__str_make(text.ptr + i, text.len - i);
        n = tamar__str_at(inner, '{');
        tamar__str_put(out, inner.ptr, n);
        i += n;
        if (i == text.len) break;
        inner = tamar__str_make(text.ptr + i + 1, text.len - i - 1);
        close = (const char *)memchr(inner.ptr, '}', inner.len);
        n = close ? (size_t)(close - inner.ptr) : 0;
        inner.len = n;
        if (close && tamar__str_is(inner, "model")) {  // the URL's to fill in
            tamar__str_puts(out, "{model}");
            continue;
        }
        mark = tamar__str_at(inner, '?');
        inner.len = mark;
        bar = tamar__str_at(inner, '|');
        if (!close || bar >= sizeof names) return "base_url: a { is not closed, or names too many variables";
        memcpy(names, inner.ptr, bar);
        names[bar] = 0;
        value = tamar__auth_variable(env, names, NULL);
        if (value || bar < mark) {
            found = value ? tamar__str_z(value) : tamar__str_make(inner.ptr + bar + 1, mark - bar - 1);
            if (mark < n) tamar__auth_lookup(tamar__str_make(inner.ptr + mark + 1, n - mark - 1), found, out);
            else tamar__str_put(out, found.ptr, found.len);
        }
        else
            return "this provider's base_url needs an environment variable that is not set: set it (its row has the "
                   "name), or set base_url";
    }
    return out->full ? tamar__base_no_memory() : NULL;
}

// What the key of a row is for: to travel itself, or to make what travels.
typedef enum tamar__auth_mint {
    TAMAR__AUTH_PLAIN,
    TAMAR__AUTH_TAMAR,  // HS256 over the caller's organisation and user
    TAMAR__AUTH_ZHIPU,  // HS256 over the key's id, in milliseconds
    TAMAR__AUTH_TC3  // Tencent's signature over the body
} tamar__auth_mint;

static tamar__auth_mint tamar__auth_mints(const tamar_provider *row)
{
    static const char *const names[] = { "tamar-jwt", "zhipu-jwt", "tc3" };
    int i;
    for (i = 0; row->auth && i < 3; i++)
        if (!strcmp(row->auth, names[i])) return (tamar__auth_mint)(i + 1);
    return TAMAR__AUTH_PLAIN;
}

// The header that a key of this row travels in; bearer: behind that word.
static const char *tamar__auth_header(const tamar_provider *row, bool token, bool *bearer)
{
    tamar__auth_mint mint = tamar__auth_mints(row);
    *bearer = token || !row->auth || !strcmp(row->auth, "bearer") || mint == TAMAR__AUTH_TAMAR ||
              mint == TAMAR__AUTH_ZHIPU;
    return *bearer || mint ? "Authorization" : row->auth;
}

typedef struct tamar__auth_facts {  // what a token or a signature says
    const char *org_id, *user_id;  // may be NULL
    tamar_str url, content_type, body;
    int64_t unix_ms;
} tamar__auth_facts;

#if !TAMAR_NO_NATIVE
// "2027-01-15" in UTC.
static void tamar__auth_day(int64_t seconds, char day[11])
{
    int64_t days = seconds / 86400, year = 1970, month;
    while (days >= tamar__policy_days((int)year + 1, 1, 1)) year++;
    for (month = 12; days < tamar__policy_days((int)year, (int)month, 1); month--) {}
    days = days - tamar__policy_days((int)year, (int)month, 1) + 1;
    day[0] = (char)('0' + year / 1000 % 10), day[1] = (char)('0' + year / 100 % 10);
    day[2] = (char)('0' + year / 10 % 10), day[3] = (char)('0' + year % 10);
    day[4] = day[7] = '-';
    day[5] = (char)('0' + month / 10), day[6] = (char)('0' + month % 10);
    day[8] = (char)('0' + days / 10), day[9] = (char)('0' + days % 10);
    day[10] = 0;
}

// TC3-HMAC-SHA256, https://cloud.tencent.com/document/api/1729/101842: the service is the host's first label.
static const char *tamar__auth_tc3(const tamar__auth_facts *f, tamar_str key, tamar__arena *a, tamar__str_buf *out)
{
    unsigned char digest[TAMAR__HASH_SIZE];
    tamar__str_buf b;
    tamar__url url;
    tamar_str id, secret, service, scope, path, query;
    char day[11], scheme[] = "TC3";
    const char *bad = tamar__url_split(f->url, &url);
    size_t colon = tamar__str_at(key, ':'), n;
    if (bad) return bad;
    if (colon == key.len || !colon || colon + 1 == key.len) return "this provider's key is \"SecretId:SecretKey\"";
    id = tamar__str_make(key.ptr, colon);
    secret = tamar__str_make(key.ptr + colon + 1, key.len - colon - 1);
    service = tamar__str_make(url.host, tamar__str_at(tamar__str_z(url.host), '.'));
    tamar__auth_day(f->unix_ms / 1000, day);
    tamar__str_init(&b, a, SIZE_MAX / 2);
    tamar__str_puts(&b, day);
    tamar__str_putc(&b, '/');
    tamar__str_put(&b, service.ptr, service.len);
    tamar__str_puts(&b, "/tc3_request");
    if (b.full) return tamar__base_no_memory();
    scope = tamar__str_view(&b);
    tamar__str_init(&b, a, SIZE_MAX / 2);
    n = tamar__str_at(url.path, '?');
    path = n ? tamar__str_make(url.path.ptr, n) : tamar__str_z("/");
    query = tamar__str_make(url.path.ptr + n, url.path.len - n);
    if (query.len) query.ptr++, query.len--;
    tamar__str_puts(&b, "POST\n");
    tamar__str_put(&b, path.ptr, path.len);
    tamar__str_putc(&b, '\n');
    tamar__str_put(&b, query.ptr, query.len);
    tamar__str_puts(&b, "\ncontent-type:");
    tamar__str_put(&b, f->content_type.ptr, f->content_type.len);
    tamar__str_puts(&b, "\nhost:");
    tamar__str_puts(&b, url.host);
    if (url.port != (url.https ? 443 : 80)) {
        tamar__str_putc(&b, ':');
        tamar__str_put_uint(&b, url.port);
    }
    tamar__str_puts(&b, "\n\ncontent-type;host\n");
    tamar__hash_sha256(f->body, digest);
    tamar__hash_hex(&b, digest);
    if (b.full) return tamar__base_no_memory();
    tamar__hash_sha256(tamar__str_view(&b), digest);
    b.len = 0;
    tamar__str_puts(&b, "TC3-HMAC-SHA256\n");
    tamar__str_put_uint(&b, (uint64_t)(f->unix_ms / 1000));
    tamar__str_putc(&b, '\n');
    tamar__str_put(&b, scope.ptr, scope.len);
    tamar__str_putc(&b, '\n');
    tamar__hash_hex(&b, digest);
    n = b.len;  // behind it, for a moment, the key that the chain begins with
    tamar__str_put(&b, scheme, 3);
    tamar__str_put(&b, secret.ptr, secret.len);
    if (b.full) return tamar__base_no_memory();
    tamar__hash_hmac(tamar__str_make(b.ptr + n, b.len - n), tamar__str_z(day), digest);
    tamar__base_wipe(b.ptr + n, b.len - n);
    tamar__hash_hmac(tamar__str_make((const char *)digest, sizeof digest), service, digest);
    tamar__hash_hmac(tamar__str_make((const char *)digest, sizeof digest), tamar__str_z("tc3_request"), digest);
    tamar__hash_hmac(tamar__str_make((const char *)digest, sizeof digest), tamar__str_make(b.ptr, n), digest);
    tamar__str_puts(out, "TC3-HMAC-SHA256 Credential=");
    tamar__str_put(out, id.ptr, id.len);
    tamar__str_putc(out, '/');
    tamar__str_put(out, scope.ptr, scope.len);
    tamar__str_puts(out, ", SignedHeaders=content-type;host, Signature=");
    tamar__hash_hex(out, digest);
    return NULL;
}
#endif

static void tamar__auth_claim(tamar_json_writer *w, const char *name, tamar_str value)
{
    tamar_json_write_key(w, name);
    tamar_json_write_string(w, value.ptr, value.len);
}

// Makes what travels out of the key: minted for each attempt, which costs two hashes of some hundred bytes, so that
// there is no cache to expire. A tamar-jwt key that is a token already is used as it is. NULL, or what is wrong.
static const char *tamar__auth_token(tamar__auth_mint mint, const tamar__auth_facts *f, tamar_str key, tamar__arena *a,
                                     tamar_str *token)
{
    tamar__str_buf out;
    tamar_json_writer w;
    tamar_allocator in = tamar__arena_allocator(a);
    tamar_str claims, secret = key;
    const char *bad = NULL;
    size_t dot = tamar__str_at(key, '.');
    *token = key;
    if (mint == TAMAR__AUTH_PLAIN || (mint != TAMAR__AUTH_TC3 && tamar__hash_is_jwt(key))) return NULL;
    tamar__str_init(&out, a, SIZE_MAX / 2);
    if (mint == TAMAR__AUTH_TC3) {
#if TAMAR_NO_NATIVE
        return "this build has no tc3 signature: build without TAMAR_NO_NATIVE";
#else
        bad = tamar__auth_tc3(f, key, a, &out);
#endif
    }
    else {
        tamar_json_write_growing(&w, &in, SIZE_MAX / 2);
        tamar_json_write_object(&w);
        if (mint == TAMAR__AUTH_ZHIPU) {
            if (dot == key.len || !dot || dot + 1 == key.len) return "this provider's key is \"id.secret\"";
            tamar__auth_claim(&w, "api_key", tamar__str_make(key.ptr, dot));
            tamar_json_write_key(&w, "exp");
            tamar_json_write_int(&w, f->unix_ms + 210000);
            tamar_json_write_key(&w, "timestamp");
            tamar_json_write_int(&w, f->unix_ms);
            secret = tamar__str_make(key.ptr + dot + 1, key.len - dot - 1);
        }
        else {
            if (f->org_id) tamar__auth_claim(&w, "org_id", tamar__str_z(f->org_id));
            if (f->user_id) tamar__auth_claim(&w, "user_id", tamar__str_z(f->user_id));
            tamar_json_write_key(&w, "exp");
            tamar_json_write_int(&w, f->unix_ms / 1000 + 3600);
        }
        tamar_json_write_end(&w);
        if (!tamar_json_writer_end(&w, &claims)) return tamar__base_no_memory();
        tamar__str_room(&out, claims.len * 2 + 160);  // never moved: what is wiped is all there is
        tamar__hash_jwt(&out,
                        tamar__str_z(mint == TAMAR__AUTH_ZHIPU ? "{\"alg\":\"HS256\",\"sign_type\":\"SIGN\"}"
                                                               : "{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
                        claims, secret);
    }
    if (bad) return bad;
    if (out.full) return tamar__base_no_memory();
    *token = tamar__str_view(&out);
    return NULL;
}

// An address from the environment as other programs write it: without a scheme it is the row's own, and so is a port
// that is missing ("gpu:11434", "gpu", ":8080"). NULL: memory is out.
static const char *tamar__auth_address(tamar__arena *a, const char *value, const tamar_provider *row)
{
    tamar__str_buf b;
    tamar__url own;
    tamar_str text = tamar__str_trim(tamar__str_z(value));
    size_t colon;
    if (tamar__str_find(text, "://", false) < text.len || tamar__str_at(text, '{') < text.len || !row->base_url ||
        tamar__url_split(tamar__str_z(row->base_url), &own))
        return value;
    tamar__str_init(&b, a, SIZE_MAX / 2);
    tamar__str_puts(&b, own.https ? "https://" : "http://");
    colon = tamar__str_find(text, ":", false);
    if (!colon) tamar__str_puts(&b, own.host);
    tamar__str_put(&b, text.ptr, text.len);
    if (colon == text.len && tamar__str_at(text, '/') == text.len) {
        tamar__str_putc(&b, ':');
        tamar__str_put_uint(&b, own.port);
    }
    return b.full ? NULL : b.ptr;
}

// memo: NULL, or what remembers this very URL.
static bool tamar__auth_is_loopback(const tamar__url *url, tamar__url_memo *memo)
{
    tamar_address address;
    size_t n = strlen(url->host);
    if (memo && memo->len && !strcmp(memo->url.host, url->host)) {
        if (!memo->loopback) memo->loopback = tamar__auth_is_loopback(url, NULL) ? 1 : -1;
        return memo->loopback > 0;
    }
    if (tamar__os_address(url->host, url->port, &address)) return tamar__os_is_loopback(&address);
    return !strcmp(url->host, "localhost") || (n > 10 && !strcmp(url->host + n - 10, ".localhost"));
}

// =================================================================================================
// >>call  the life of one call, one state machine | uses: all above
//
//     QUEUED -> EXCHANGE -> FINISHED          EXCHANGE -> BACKOFF -> EXCHANGE  (while nothing was delivered)
//
// The call owns every deadline and every retry; what lies below reports and never repeats. It is serialised once, when
// it is sent; an attempt lends that body to the transport and feeds what comes back to the dialect's decoder. After the
// first content there is no silent retry. Whatever happens, tamar__call_finish runs once for each call.
//
// Slots are small; what a call needs lives in its arena and goes with it. A call that could get neither slot nor memory
// still ends: it has a place in the list of refusals and a constant response.
// =================================================================================================

typedef enum tamar__call_state {
    TAMAR__CALL_FREE,
    TAMAR__CALL_QUEUED,
    TAMAR__CALL_BACKOFF,
    TAMAR__CALL_EXCHANGE,
    TAMAR__CALL_FINISHED
} tamar__call_state;

typedef struct tamar__call_work {
    tamar__dialect_decoder d;
    tamar_response response;
    tamar__arena request;  // what is sent; given back when no attempt can need it any more
    tamar_http_request http;
    tamar_header *headers;
    tamar_str secret, key_header;
    const char *provider, *origin_id;
    char id[32];  // X-Client-Request-Id; the attempt's number is its end
    size_t id_len;
    tamar_timeouts timeouts;
    uint64_t sent_us, attempt_us, phase_us, progress_us, due_us, first_byte_us, first_text_us, retry_us;
    uint64_t progress;  // what has come so far, in a number that grows
    tamar_phase phase;
    int attempts, max_retries, stale;
    bool reused, sent_all;
    bool asks;  // desc.key is asked for each attempt
    size_t key_at;  // its header
    size_t stamp_at;  // the header with the time of a signature; 0: none
    tamar__auth_mint mint;
    bool bearer;
    tamar__auth_facts facts;  // what a token is minted from, anew for each attempt
    tamar_str token;
    char stamp[24];
} tamar__call_work;

typedef struct tamar__call_slot {
    uint16_t generation;
    uint8_t state;
    bool told_start, told_finish, dirty, deliver_inside, zombie;
    uint32_t group;
    int priority;
    uint32_t next;  // in the queue, or among the dirty; slot + 1, 0 none
    uint32_t next_dirty;
    void *user_data;
    tamar_on_event *on_event;
    tamar__call_work *work;
    const tamar_response *response;  // when finished
    tamar__arena arena;
} tamar__call_slot;

#define TAMAR__CALL_REFUSALS 16  // places set aside at open; more are made while there is memory

typedef struct tamar__call_refusal {  // a call that got no slot
    uint16_t generation;
    bool used, told;
    uint32_t group;
    void *user_data;
    tamar_on_event *on_event;
    const tamar_response *response;
} tamar__call_refusal;

struct tamar_client {
    tamar__net_sink sink;  // first: what an exchange's owner points to
    tamar__base_memory memory;
    tamar__arena_pool pool;
    tamar__arena arena;  // strings of the description
    tamar_desc desc;  // resolved
    tamar__str_buf off;  // what providers_off points to, once a provider was switched
    char *api_key;
    tamar_transport transport;
    tamar__net net;
    tamar__os_net *os;
    tamar__tls_system *tls;
    bool own_net, pumping, delivering;
    uint64_t now_us, next_due_us, random;
    tamar__call_slot *slots;
    uint32_t slot_count, live_count, zombie_count, next_free;
    uint32_t queue, dirty_head, dirty_tail, dirty_inside;  // slot + 1; dirty_inside: how many wait for on_event
    tamar__call_refusal *refusals;
    uint32_t refusal_count, refusal_cap, refusal_dirty, lost;  // lost: refusals that even the list had no room for
    uint16_t refusal_generation;
};

#define TAMAR__CALL_CONSTANTS 5

// Responses that need no memory. TAMAR_NOMEM's is the first of a table.
static const tamar_response *tamar__call_constant(tamar_category category)
{
#define TAMAR__CALL_ERROR(category, message, retryable)                                                              \
    {                                                                                                                \
        { "", 0 }, { "", 0 }, { "", 0 }, { TAMAR_ROLE_ASSISTANT, NULL, NULL, 0, NULL }, NULL, 0, TAMAR_FINISH_NONE,  \
            { "", 0 }, { { false, 0 }, { false, 0 }, { false, 0 }, { false, 0 }, { false, 0 }, { false, 0 } },       \
            { "", 0 }, { "", 0 }, { "", 0 }, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0,                         \
            { category, TAMAR_PHASE_QUEUE, 0, message, "", "", "", "", "", "", 0, retryable, false, { false, 0 } },  \
            { "", 0 }, 0, 0, 0, false                                                                                \
    }
    static const tamar_response table[TAMAR__CALL_CONSTANTS] = {
        TAMAR__CALL_ERROR(TAMAR_NOMEM, "memory is out: free some calls, or give the client more", true),
        TAMAR__CALL_ERROR(TAMAR_LOCAL_LIMIT, "no free call: release finished ones, or raise desc.max_calls", true),
        TAMAR__CALL_ERROR(TAMAR_CONFIG, "the client is NULL: tamar_open failed (desc.error says why)", false),
        TAMAR__CALL_ERROR(TAMAR_CONFIG, "tamar_chat may not be called inside on_event: use tamar_send", false),
        TAMAR__CALL_ERROR(TAMAR_CONFIG, "the request is NULL", false),
    };
#undef TAMAR__CALL_ERROR
    return &table[category == TAMAR_NOMEM         ? 0
                  : category == TAMAR_LOCAL_LIMIT ? 1
                  : category == TAMAR_OK          ? 3
                  : category == TAMAR_BAD_REQUEST ? 4
                                                  : 2];
}

static tamar_call tamar__call_handle(const tamar_client *c, const tamar__call_slot *s)
{
    tamar_call h;
    h.id = (uint32_t)s->generation << 16 | (uint32_t)(s - c->slots);
    return h;
}

static tamar__call_slot *tamar__call_of(const tamar_client *c, tamar_call h)
{
    uint32_t i = h.id & 0xFFFF;
    tamar__call_slot *s;
    if (!c || i >= c->slot_count) return NULL;
    s = &c->slots[i];
    return s->state != TAMAR__CALL_FREE && !s->zombie && s->generation == h.id >> 16 ? s : NULL;
}

static tamar__call_refusal *tamar__call_refusal_of(const tamar_client *c, tamar_call h)
{
    uint32_t i = h.id & 0xFFFF;
    if (!c || i < c->slot_count || i - c->slot_count >= c->refusal_cap) return NULL;
    i -= c->slot_count;
    return c->refusals[i].used && c->refusals[i].generation == h.id >> 16 ? &c->refusals[i] : NULL;
}

static void tamar__call_mark(tamar_client *c, tamar__call_slot *s)  // it has something to tell
{
    uint32_t me = (uint32_t)(s - c->slots) + 1;
    if (s->dirty || s->zombie) return;
    s->dirty = true;
    s->next_dirty = 0;
    if (c->dirty_tail) c->slots[c->dirty_tail - 1].next_dirty = me;
    else c->dirty_head = me;
    c->dirty_tail = me;
    if (s->deliver_inside) c->dirty_inside++;
}

static void tamar__call_unmark(tamar_client *c, tamar__call_slot *s)
{
    uint32_t me = (uint32_t)(s - c->slots) + 1, at = c->dirty_head, before = 0;
    if (!s->dirty) return;
    while (at && at != me) before = at, at = c->slots[at - 1].next_dirty;
    if (before) c->slots[before - 1].next_dirty = s->next_dirty;
    else c->dirty_head = s->next_dirty;
    if (c->dirty_tail == me) c->dirty_tail = before;
    s->dirty = false;
    if (s->deliver_inside) c->dirty_inside--;
}

static void tamar__call_queue(tamar_client *c, tamar__call_slot *s)  // behind those of the same priority
{
    uint32_t *at = &c->queue;
    while (*at && c->slots[*at - 1].priority >= s->priority) at = &c->slots[*at - 1].next;
    s->next = *at;
    *at = (uint32_t)(s - c->slots) + 1;
}

static void tamar__call_unqueue(tamar_client *c, tamar__call_slot *s)
{
    uint32_t *at = &c->queue, me = (uint32_t)(s - c->slots) + 1;
    while (*at && *at != me) at = &c->slots[*at - 1].next;
    if (*at) *at = s->next;
}

// -- deadlines -------------------------------------------------------------------------------------

static uint64_t tamar__call_after(uint64_t from_us, int ms)
{
    return ms < 0 ? UINT64_MAX : from_us + (uint64_t)ms * 1000;
}

// The earliest moment at which this call's patience ends, and what it is called then.
static uint64_t tamar__call_due(const tamar__call_slot *s, tamar_category *category, const char **message)
{
    const tamar__call_work *w = s->work;
    uint64_t due = tamar__call_after(w->sent_us, w->timeouts.total_ms), t = UINT64_MAX;
    tamar_category what = TAMAR_TIMEOUT_TOTAL;
    const char *text = "the call took longer than timeouts.total_ms";
    *category = what;
    *message = text;
    if (s->state == TAMAR__CALL_BACKOFF) return due < w->retry_us ? due : w->retry_us;
    if (s->state != TAMAR__CALL_EXCHANGE) return due;
    switch (w->phase) {
    case TAMAR_PHASE_RESOLVE: case TAMAR_PHASE_CONNECT: case TAMAR_PHASE_TLS:
        t = tamar__call_after(w->attempt_us, w->timeouts.connect_ms);
        what = w->phase == TAMAR_PHASE_RESOLVE ? TAMAR_DNS
               : w->phase == TAMAR_PHASE_TLS   ? TAMAR_TIMEOUT_TLS
                                               : TAMAR_TIMEOUT_CONNECT;
        text = w->phase == TAMAR_PHASE_RESOLVE ? "looking the host up took longer than timeouts.connect_ms"
               : w->phase == TAMAR_PHASE_TLS   ? "the TLS handshake took longer than timeouts.connect_ms"
                                               : "no connection within timeouts.connect_ms";
        break;
    case TAMAR_PHASE_SEND:
        t = tamar__call_after(w->phase_us, w->timeouts.send_ms);
        what = TAMAR_TIMEOUT_SEND;
        text = "the server took no more of the request within timeouts.send_ms";
        break;
    case TAMAR_PHASE_WAIT:
        t = tamar__call_after(w->phase_us, w->timeouts.first_byte_ms);
        what = TAMAR_TIMEOUT_TTFB;
        text = "no answer within timeouts.first_byte_ms";
        break;
    case TAMAR_PHASE_BODY:
        t = tamar__call_after(w->progress_us, w->timeouts.idle_ms);
        what = TAMAR_TIMEOUT_IDLE;
        text = "the stream stalled: nothing new within timeouts.idle_ms";
        if (w->d.finish_raw.len && w->d.mode == TAMAR__DIALECT_STREAM) {  // all was said; only the goodbye is missing
            uint64_t grace = tamar__call_after(w->progress_us, 5000);
            if (grace < t) {
                t = grace;
                what = TAMAR_OK;
            }
        }
        break;
    default: break;
    }
    if (t >= due) return due;
    *category = what;
    *message = text;
    return t;
}

static void tamar__call_schedule(tamar_client *c, tamar__call_slot *s)
{
    tamar_category category;
    const char *message;
    s->work->due_us = tamar__call_due(s, &category, &message);
    if (s->work->due_us < c->next_due_us) c->next_due_us = s->work->due_us;
}

// -- the end of a call -----------------------------------------------------------------------------

// No further attempt: the request goes, its key first. Not while the transport still sends it.
static void tamar__call_drop_request(tamar__call_work *w)
{
    if (w->key_header.len) tamar__base_wipe((char *)(uintptr_t)w->key_header.ptr, w->key_header.len);
    w->key_header.len = 0;
    tamar__arena_free(&w->request);
    memset(&w->http, 0, sizeof w->http);
    w->headers = NULL;
}

static void tamar__call_wipe(tamar__call_work *w)
{
    if (w->secret.len) tamar__base_wipe((char *)(uintptr_t)w->secret.ptr, w->secret.len);
    if (w->token.len) tamar__base_wipe((char *)(uintptr_t)w->token.ptr, w->token.len);
    w->secret.len = w->token.len = w->d.secret.len = 0;
    tamar__call_drop_request(w);
}

static uint32_t tamar__call_ms(uint64_t from_us, uint64_t to_us)
{
    uint64_t ms = to_us > from_us ? (to_us - from_us) / 1000 : 0;
    return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

// The decoder has been ended (or failed); now the call is over.
static void tamar__call_finish(tamar_client *c, tamar__call_slot *s)
{
    tamar__call_work *w = s->work;
    tamar_error *e = &w->d.error;
    tamar_response *r = &w->response;
    if (s->state == TAMAR__CALL_QUEUED) tamar__call_unqueue(c, s);
    e->attempts = w->attempts;
    e->phase = w->phase;
    e->id = w->attempts ? w->id : "";
    e->origin_id = w->origin_id;
    // Sent whole and not refused by status: the work may have been done, and billed.
    e->maybe_billed = e->category != TAMAR_OK && w->sent_all && e->http_status < 400;
    if (e->category == TAMAR_OK) e->message = "";
    tamar__call_wipe(w);
    tamar__dialect_response(&w->d, r);
    r->provider = tamar__str_z(w->provider);
    r->latency_ms = tamar__call_ms(w->sent_us, c->now_us);
    r->first_byte_ms = w->first_byte_us ? tamar__call_ms(w->sent_us, w->first_byte_us) : 0;
    r->first_text_ms = w->first_text_us ? tamar__call_ms(w->sent_us, w->first_text_us) : 0;
    r->reused_connection = w->reused;
    r->error.id = e->id;
    s->state = TAMAR__CALL_FINISHED;
    s->response = r;
    c->live_count--;
    w->phase = TAMAR_PHASE_DONE;
    tamar__call_mark(c, s);
    if (e->category != TAMAR_OK)
        tamar__log_write(&c->desc.log, TAMAR__LOG_CALL_FAILED, tamar__call_handle(c, s), e, e->category,
                         tamar__str_z(e->message));
    tamar__log_write(&c->desc.log, TAMAR__LOG_CALL_FINISHED, tamar__call_handle(c, s), NULL, r->latency_ms,
                     tamar__str_make("", 0));
}

static void tamar__call_stop_exchange(tamar_client *c, tamar__call_slot *s)
{
    tamar_exchange x;
    if (s->state != TAMAR__CALL_EXCHANGE) return;
    x.owner = &c->sink;
    x.id = tamar__call_handle(c, s).id;
    c->transport.cancel(c->transport.user_data, x);
}

// Ends a live call with an error of ours. Partial text stays.
static void tamar__call_abort(tamar_client *c, tamar__call_slot *s, tamar_category category, const char *message)
{
    tamar__call_stop_exchange(c, s);
    if (category == TAMAR_CANCELLED) s->work->d.error.category = TAMAR_OK;  // also while it waits to try again
    tamar__dialect_fail(&s->work->d, category, message);
    tamar__dialect_end(&s->work->d, false);
    tamar__call_finish(c, s);
}

// For ids and jitter, which are no secrets: seeded once from desc.random (xorshift64*, Vigna 2016), so that a seed
// replays.
static uint32_t tamar__call_random(tamar_client *c)
{
    uint64_t x = c->random;
    if (!x) {
        unsigned char b[8];
        int i;
        if (c->desc.random.fill && c->desc.random.fill(c->desc.random.user_data, b, sizeof b))
            for (i = 0; i < 8; i++) x = x << 8 | b[i];
        else x = c->now_us;
        x |= 1;
    }
    x ^= x >> 12;
    x ^= (x << 25) & UINT64_MAX;
    x ^= x >> 27;
    c->random = x;
    return (uint32_t)((x >> 32) ^ (x & UINT32_MAX));
}

// An attempt ended without success and its decoder says why. Again, or over?
static void tamar__call_retry_or_finish(tamar_client *c, tamar__call_slot *s)
{
    tamar__call_work *w = s->work;
    const tamar_error *e = &w->d.error;
    int64_t hint = e->retry_after_ms.set ? e->retry_after_ms.value : -1, wait;
    uint64_t at;
    if (e->category == TAMAR_OK || !e->retryable || w->d.committed || w->attempts > w->max_retries) {
        tamar__call_finish(c, s);
        return;
    }
    wait = tamar__policy_backoff(w->attempts - 1, e->category == TAMAR_RATE || e->category == TAMAR_OVERLOADED, hint,
                                 tamar__call_random(c));
    at = c->now_us + (uint64_t)wait * 1000;
    // it would come too late: the real error says more
    if (at >= tamar__call_after(w->sent_us, w->timeouts.total_ms)) {
        tamar__call_finish(c, s);
        return;
    }
    tamar__log_write(&c->desc.log, TAMAR__LOG_CALL_RETRY, tamar__call_handle(c, s), e, wait,
                     tamar__str_z(e->message));
    s->state = TAMAR__CALL_BACKOFF;
    w->retry_us = at;
    tamar__call_schedule(c, s);
}

// -- an attempt ------------------------------------------------------------------------------------

static void tamar__call_reset_decoder(tamar__call_work *w)
{
    tamar__dialect_decoder *d = &w->d;
    tamar__talk_notes notes = d->notes;
    bool keep_raw = d->keep_raw, discard = d->discard, stream = d->want_stream;
    size_t max_event = d->max_event, max_body = d->max_body;
    tamar__str_buf *bufs[11];
    size_t i;
    bufs[0] = &d->body, bufs[1] = &d->text, bufs[2] = &d->reasoning, bufs[3] = &d->refusal, bufs[4] = &d->raw,
    bufs[5] = &d->details;
    bufs[6] = &d->sse.line, bufs[7] = &d->sse.data, bufs[8] = &d->sse.event, bufs[9] = &d->sse.id,
    bufs[10] = &d->memo.bytes;
    for (i = 0; i < 11; i++) tamar__str_free(bufs[i]);
    tamar__dialect_init(d, d->dialect, d->arena, stream, max_event, max_body);
    d->notes = notes;
    d->keep_raw = keep_raw;
    d->discard = discard;
    d->secret = w->token.len ? w->token : w->secret;
}

// Puts this into the header of the key, in place of what was there.
static bool tamar__call_put_key(tamar__call_work *w, tamar_str value)
{
    size_t n = w->bearer ? 7 : 0;
    char *header = (char *)tamar__arena_get(&w->request, n + value.len + 1);
    if (!header) return false;
    memcpy(header, "Bearer ", n);
    memcpy(header + n, value.ptr, value.len);
    if (w->key_header.len) tamar__base_wipe((char *)(uintptr_t)w->key_header.ptr, w->key_header.len);
    w->key_header = w->headers[w->key_at].value = tamar__str_make(header, n + value.len);
    return true;
}

// Puts this key, or what is minted from it, into the request. NULL, or what is wrong.
static const char *tamar__call_authorize(const tamar_clock *clock, tamar__call_work *w, tamar__arena *keep,
                                         tamar_str key)
{
    tamar_str token = key;
    const char *bad = NULL;
    if (w->mint) {
        w->facts.unix_ms = clock->unix_ms(clock->user_data);
        bad = tamar__auth_token(w->mint, &w->facts, key, keep, &token);
        if (bad) return bad;
        if (w->stamp_at) {
            tamar_json_writer number;
            tamar_str text;
            tamar_json_write_to(&number, w->stamp, sizeof w->stamp);
            tamar_json_write_int(&number, w->facts.unix_ms / 1000);
            if (tamar_json_writer_end(&number, &text)) w->headers[w->stamp_at].value = text;
        }
    }
    if (!tamar__call_put_key(w, token)) return tamar__base_no_memory();
    if (w->secret.len && w->secret.ptr != key.ptr) tamar__base_wipe((char *)(uintptr_t)w->secret.ptr, w->secret.len);
    if (w->token.len) tamar__base_wipe((char *)(uintptr_t)w->token.ptr, w->token.len);
    w->token.len = 0;
    if (token.ptr != key.ptr) w->token = token;
    w->secret = key;
    w->d.secret = token;
    return NULL;
}

// Another attempt asks for its key anew, and mints anew: both may be short-lived.
static void tamar__call_renew_key(tamar_client *c, tamar__call_slot *s)
{
    tamar__call_work *w = s->work;
    tamar__url url;
    char buffer[2048];
    tamar_str key;
    size_t n;
    bool token = false;
    if (w->asks && !tamar__url_split(w->http.url, &url)) {
        n = c->desc.key.get(c->desc.key.user_data, w->provider, url.host, buffer, sizeof buffer);
        if (n && n <= sizeof buffer && !tamar__auth_take(&s->arena, tamar__str_make(buffer, n), &key, &token) &&
            key.len) {
            if (token) {
                w->headers[w->key_at].name = tamar__str_z("Authorization");
                w->bearer = true;
            }
            tamar__call_authorize(&c->desc.clock, w, &s->arena, key);
        }
        tamar__base_wipe(buffer, sizeof buffer);
    }
    else if (w->mint && w->secret.len && w->key_header.len)
        tamar__call_authorize(&c->desc.clock, w, &s->arena, w->secret);
}

static void tamar__call_start(tamar_client *c, tamar__call_slot *s)
{
    tamar__call_work *w = s->work;
    tamar_exchange x;
    const char *why = NULL;
    if (s->state == TAMAR__CALL_BACKOFF) {
        tamar__call_renew_key(c, s);
        tamar__call_reset_decoder(w);
    }
    if (s->state == TAMAR__CALL_QUEUED) tamar__call_unqueue(c, s);
    s->state = TAMAR__CALL_EXCHANGE;
    w->attempts++;
    w->attempt_us = w->phase_us = w->progress_us = c->now_us;
    w->progress = 0;
    w->sent_all = false;
    w->phase = TAMAR_PHASE_CONNECT;
    w->d.status = 0;
    if (w->id_len) w->id[w->id_len - 1] = (char)('0' + w->attempts % 10);
    x.owner = &c->sink;
    x.id = tamar__call_handle(c, s).id;
    if (c->transport.start(c->transport.user_data, x, &w->http, &why)) {
        if (s->state == TAMAR__CALL_EXCHANGE) tamar__call_schedule(c, s);
        return;
    }
    if (why == tamar__net_busy()) {  // wait for a connection
        w->attempts--;
        w->phase = TAMAR_PHASE_QUEUE;
        s->state = TAMAR__CALL_QUEUED;
        s->next = c->queue;  // first among those that wait
        c->queue = (uint32_t)(s - c->slots) + 1;
        return;
    }
    tamar__dialect_fail(&w->d, why == tamar__base_no_memory() ? TAMAR_NOMEM : TAMAR_CONFIG,
                        why ? why : "the transport refused to start and gave no reason");
    tamar__dialect_end(&w->d, false);
    tamar__call_finish(c, s);
}

// Starts what waits, in the order of priority, as far as connections reach.
static void tamar__call_start_queued(tamar_client *c)
{
    while (c->queue) {
        tamar__call_slot *s = &c->slots[c->queue - 1];
        tamar__call_start(c, s);
        if (s->state == TAMAR__CALL_QUEUED) break;
    }
}

static void tamar__call_timers(tamar_client *c)
{
    uint64_t next = UINT64_MAX;
    uint32_t i;
    if (c->now_us < c->next_due_us) return;
    for (i = 0; i < c->slot_count; i++) {
        tamar__call_slot *s = &c->slots[i];
        tamar_category category;
        const char *message;
        if (s->state == TAMAR__CALL_FREE || s->state == TAMAR__CALL_FINISHED || s->zombie) continue;
        if (s->work->due_us <= c->now_us) {
            uint64_t due = tamar__call_due(s, &category, &message);
            s->work->due_us = due;
            if (due <= c->now_us) {
                if (s->state == TAMAR__CALL_BACKOFF && s->work->retry_us <= c->now_us &&
                    c->now_us < tamar__call_after(s->work->sent_us, s->work->timeouts.total_ms))
                    tamar__call_start(c, s);
                else if (category == TAMAR_OK) {
                    tamar__call_stop_exchange(c, s);
                    tamar__dialect_end(&s->work->d, true);
                    tamar__call_finish(c, s);
                }
                else if (s->state == TAMAR__CALL_EXCHANGE && category != TAMAR_TIMEOUT_TOTAL &&
                         !s->work->d.committed) {
                    tamar__call_stop_exchange(c, s);
                    tamar__dialect_fail(&s->work->d, category, message);
                    tamar__dialect_end(&s->work->d, false);
                    tamar__call_retry_or_finish(c, s);
                }
                else tamar__call_abort(c, s, category, message);
            }
            if (s->state == TAMAR__CALL_FREE || s->state == TAMAR__CALL_FINISHED) continue;
        }
        if (s->work->due_us < next) next = s->work->due_us;
    }
    c->next_due_us = next;
}

// -- news from the transport -----------------------------------------------------------------------

// Time goes on while the transport waits. The built-in one has looked at the clock since; others are not asked to.
static void tamar__call_tick(tamar_client *c)
{
    uint64_t now = c->own_net ? c->net.now_us : c->desc.clock.now_us(c->desc.clock.user_data);
    if (now > c->now_us) c->now_us = now;
}

static tamar__call_slot *tamar__call_in_exchange(tamar__net_sink *sink, uint32_t id)
{
    tamar_client *c = (tamar_client *)(void *)sink;
    tamar_call h;
    tamar__call_slot *s;
    h.id = id;
    s = tamar__call_of(c, h);
    return s && s->state == TAMAR__CALL_EXCHANGE ? s : NULL;
}

static void tamar__call_on_phase(tamar__net_sink *sink, uint32_t id, tamar_phase phase)
{
    tamar_client *c = (tamar_client *)(void *)sink;
    tamar__call_slot *s = tamar__call_in_exchange(sink, id);
    if (!s || s->work->phase == TAMAR_PHASE_BODY) return;  // sending may still go on while the answer comes
    tamar__call_tick(c);
    s->work->phase = phase;
    s->work->phase_us = c->now_us;
    if (phase >= TAMAR_PHASE_WAIT) s->work->sent_all = true;
    tamar__call_schedule(c, s);
}

static void tamar__call_on_status(tamar__net_sink *sink, uint32_t id, int status)
{
    tamar_client *c = (tamar_client *)(void *)sink;
    tamar__call_slot *s = tamar__call_in_exchange(sink, id);
    if (!s) return;
    tamar__call_tick(c);
    s->work->d.status = status;
    s->work->phase = TAMAR_PHASE_BODY;
    s->work->phase_us = s->work->progress_us = c->now_us;
    if (!s->work->first_byte_us) s->work->first_byte_us = c->now_us;
    tamar__call_schedule(c, s);
}

static void tamar__call_on_header(tamar__net_sink *sink, uint32_t id, tamar_str name, tamar_str value)
{
    tamar__call_slot *s = tamar__call_in_exchange(sink, id);
    if (s) tamar__dialect_header(&s->work->d, name, value);
}

static size_t tamar__call_on_body(tamar__net_sink *sink, uint32_t id, const char *data, size_t len)
{
    tamar_client *c = (tamar_client *)(void *)sink;
    tamar__call_slot *s = tamar__call_in_exchange(sink, id);
    tamar__call_work *w;
    uint64_t progress;
    bool more;
    if (!s || !len) return len;
    w = s->work;
    tamar__call_tick(c);
    if (w->d.discard) tamar__dialect_forget(&w->d);
    more = tamar__dialect_feed(&w->d, data, len);
    progress = w->d.records + w->d.body.len;
    if (progress != w->progress) {
        w->progress = progress;
        w->progress_us = c->now_us;
        if (w->d.committed && !w->first_text_us) w->first_text_us = c->now_us;
    }
    if (w->d.committed && w->sent_all && w->http.method) tamar__call_drop_request(w);
    if (more) {
        if (!s->dirty && (tamar__dialect_dirty(&w->d) || (!s->told_start && w->d.status < 300)))
            tamar__call_mark(c, s);
        return len;
    }
    {
        tamar_exchange x;
        x.owner = &c->sink;
        x.id = id;
        // All is known. After success the rest of the framing may make the connection reusable.
        if (c->own_net && w->d.error.category == TAMAR_OK) w->reused = tamar__net_release(&c->net, x);
        else c->transport.cancel(c->transport.user_data, x);
    }
    tamar__dialect_end(&w->d, true);
    tamar__call_retry_or_finish(c, s);
    return len;
}

static void tamar__call_on_end(tamar__net_sink *sink, uint32_t id, tamar_category category, const char *message,
                               tamar__net_ending ending, bool reused, size_t bytes_sent)
{
    tamar_client *c = (tamar_client *)(void *)sink;
    tamar__call_slot *s = tamar__call_in_exchange(sink, id);
    tamar__call_work *w;
    bool answered;
    if (!s) return;
    w = s->work;
    tamar__call_tick(c);
    answered = w->phase == TAMAR_PHASE_BODY;
    w->reused = reused;
    if (bytes_sent && bytes_sent >= w->http.body.len && w->phase >= TAMAR_PHASE_WAIT) w->sent_all = true;
    if (ending == TAMAR__NET_STALE && w->stale < 2) {  // once more, at once, uncounted
        w->stale++;
        w->attempts--;
        tamar__log_write(&c->desc.log, TAMAR__LOG_CONNECTION_STALE, tamar__call_handle(c, s), NULL, w->stale,
                         tamar__str_make("", 0));
        s->state = TAMAR__CALL_BACKOFF;
        w->retry_us = c->now_us;
        tamar__call_schedule(c, s);
        return;
    }
    if (category != TAMAR_OK) {
        // A broken connection in the middle of an answer is a truncated answer: what was proven before it stays.
        if (!answered || category != TAMAR_RESET) {
            char *copy = message ? tamar__arena_copy(&s->arena, message, strlen(message)) : NULL;
            tamar__dialect_fail(&w->d, category, copy ? copy : "the transport failed");
        }
        tamar__dialect_end(&w->d, false);
    }
    else {
        if (!w->d.started) tamar__dialect_started(&w->d);
        if (ending == TAMAR__NET_CLOSED && !w->d.over && w->d.mode != TAMAR__DIALECT_STREAM) {
            // Without a length only the content proves that it is whole; a JSON document does.
            tamar_json root;
            tamar_str body = tamar__str_trim(tamar__str_view(&w->d.body));
            tamar__dialect_end(&w->d, body.len && tamar_json_parse(body.ptr, body.len, &root, NULL));
        }
        else tamar__dialect_end(&w->d, ending == TAMAR__NET_CLEAN);
    }
    tamar__call_retry_or_finish(c, s);
}

// -- sending ---------------------------------------------------------------------------------------

static tamar__call_slot *tamar__call_slot_free(tamar_client *c)
{
    uint32_t i;
    for (i = 0; i < c->slot_count; i++) {
        uint32_t k = (c->next_free + i) % c->slot_count;
        if (c->slots[k].state == TAMAR__CALL_FREE) {
            c->next_free = k + 1;
            return &c->slots[k];
        }
    }
    return NULL;
}

// A place for a call that cannot be made. Its constant response says why.
static tamar_call tamar__call_refuse(tamar_client *c, const tamar_request *rq, const tamar_response *why)
{
    tamar_call h;
    tamar__call_refusal *r = NULL;
    uint32_t i;
    h.id = 0;
    if (c->refusal_count == c->refusal_cap && c->slot_count + c->refusal_cap * 2 <= 65536) {
        uint32_t cap = c->refusal_cap * 2;
        tamar__call_refusal *list =
            (tamar__call_refusal *)tamar__base_resize(&c->memory, c->refusals, c->refusal_cap * sizeof *list,
                                                      cap * sizeof *list);
        if (list) {
            memset(list + c->refusal_cap, 0, (cap - c->refusal_cap) * sizeof *list);
            c->refusals = list;
            c->refusal_cap = cap;
        }
    }
    for (i = 0; !r && c->refusal_count < c->refusal_cap && i < c->refusal_cap; i++)
        if (!c->refusals[i].used) r = &c->refusals[i];
    if (!r) {
        c->lost++;
        return h;
    }
    if (!++c->refusal_generation) c->refusal_generation = 1;
    r->generation = c->refusal_generation;
    r->used = true;
    r->told = false;
    r->group = rq ? rq->group : 0;
    r->user_data = rq ? rq->user_data : NULL;
    r->on_event = rq ? rq->on_event : NULL;
    r->response = why;
    c->refusal_count++;
    c->refusal_dirty++;
    h.id = (uint32_t)r->generation << 16 | (c->slot_count + (uint32_t)(r - c->refusals));
    return h;
}

static void tamar__call_header(tamar__call_work *w, const char *name, tamar_str value, bool secret)
{
    tamar_header *h = &w->headers[w->http.header_count++];
    h->name = tamar__str_z(name);
    h->value = value;
    h->secret = secret;
}

static bool tamar__call_differ(tamar_str a, tamar_str b)  // of equal length, ASCII case ignored
{
    size_t i;
    for (i = 0; i < a.len; i++)
        if (tamar__str_lower(a.ptr[i]) != tamar__str_lower(b.ptr[i])) return true;
    return false;
}

// "Name: value" lines. NULL, or what is wrong with them.
static const char *tamar__call_extra_headers(tamar__call_work *w, tamar__arena *a, const char *lines, size_t room)
{
    char *text = lines ? tamar__arena_copy(a, lines, strlen(lines)) : NULL;
    tamar_str rest = tamar__str_z(text);
    size_t ours = w->http.header_count;
    if (lines && !text) return tamar__base_no_memory();
    while (rest.len) {
        const char *eol = (const char *)memchr(rest.ptr, '\n', rest.len);
        tamar_str line = tamar__str_make(rest.ptr, eol ? (size_t)(eol - rest.ptr) : rest.len), value;
        size_t n = 0, i;
        rest.ptr += line.len + (eol ? 1 : 0);
        rest.len -= line.len + (eol ? 1 : 0);
        if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
        if (!line.len) continue;
        while (n < line.len && tamar__http1_is_token(line.ptr[n])) n++;
        if (!n || n == line.len || line.ptr[n] != ':') return "request.extra_headers: a line is not \"Name: value\"";
        value = tamar__str_trim(tamar__str_make(line.ptr + n + 1, line.len - n - 1));
        for (i = 0; i < value.len; i++)
            if (((unsigned char)value.ptr[i] < 0x20 && value.ptr[i] != '\t') || value.ptr[i] == 0x7F)
                return "request.extra_headers: a value holds a control byte";
        line.len = n;
        if (tamar__str_is_nocase(line, "content-length") || tamar__str_is_nocase(line, "transfer-encoding") ||
            tamar__str_is_nocase(line, "host") || tamar__str_is_nocase(line, "connection"))
            return "request.extra_headers: this header is the transport's";
        for (i = 0; i < ours; i++)  // theirs replaces ours of that name
            if (w->headers[i].name.len == line.len && !tamar__call_differ(w->headers[i].name, line)) break;
        if (i == ours) i = w->http.header_count;
        if (i == room) return "request.extra_headers: too many lines";
        w->headers[i].name = line;
        w->headers[i].value = value;
        w->headers[i].secret = true;
        if (i == w->http.header_count) w->http.header_count++;
    }
    return NULL;
}

#define TAMAR__CALL_HEADERS 80

// The dialect of a chat with this target: as asked for, as the model needs it, or as the provider's row says.
static tamar_str tamar__call_api(const tamar_request *rq, const tamar__model_target *to)
{
    if (rq->api) return tamar__str_z(rq->api);
    if (to->provider->quirks & TAMAR_QUIRK_RESPONSES && to->profile->flags & TAMAR_MODEL_REASONS && rq->tool_count)
        return tamar__str_z("openai-responses");
    return tamar__str_z(to->provider->api);
}

// Everything about a request that can be decided before it leaves: where to, what, with which key. NULL, or what is
// wrong. placeholder: a key that is missing is written as KEY.
static const char *tamar__call_prepare(const tamar_desc *desc, const char *desc_key, const tamar_request *rq,
                                       tamar__call_work *w, tamar__arena *keep, tamar__url_memo *memo,
                                       bool placeholder)
{
    tamar__arena *a = &w->request;
    tamar__model_target target;
    tamar__url url;
    tamar__dialect_out out;
    tamar__str_buf address;
    const tamar__dialect *dialect;
    const tamar_dialect *own;
    const char *bad, *base, *name = rq->model && *rq->model ? rq->model : desc->default_model;
    tamar_str key, body, text, home;
    char *model;
    size_t i;
    bool token = false, keyless;
    bad = tamar__talk_check(rq);
    if (bad) return bad;
    bad = tamar__model_resolve(desc, tamar__str_z(name), rq->base_url || desc->base_url,
                               rq->kind != TAMAR_KIND_MODELS, &target);
    if (bad) return bad;
    if (tamar__model_listed(desc->providers_off, tamar__str_z(target.provider->name)))
        return "this provider is switched off: see desc.providers_off and tamar_provider_enable";
    if (target.profile->instead) {
        tamar__talk_warn(&w->d.notes, "retired", "the vendor has retired this model; its successor was asked");
        target.model = tamar__str_z(target.profile->instead);
    }
    model = tamar__arena_copy(a, target.model.ptr, target.model.len);
    if (!model) return tamar__base_no_memory();
    target.model = tamar__str_make(model, target.model.len);
    w->provider = target.provider->name;
    own = tamar__dialect_user_named(desc->dialects, desc->dialect_count, tamar__call_api(rq, &target), &rq->kind);
    dialect = own ? tamar__dialect_register(keep, own) : NULL;
    if (own && !dialect) return tamar__base_no_memory();
    if (!dialect) dialect = tamar__dialect_for(tamar__call_api(rq, &target), rq->kind);
    if (!dialect)
        return rq->kind == TAMAR_KIND_CHAT ? "this provider's dialect is not in this build"
                                           : "this provider's dialect has no such call: see request.kind";
    tamar__dialect_become(&w->d, dialect);
    base = rq->base_url;
    if (!base) {
        base = tamar__auth_variable(&desc->environment, target.provider->base_url_env, NULL);
        if (base) {
            base = tamar__auth_address(a, base, target.provider);
            if (!base) return tamar__base_no_memory();
        }
        else base = target.provider->base_url ? target.provider->base_url : desc->base_url;
    }
    if (!base)
        return target.provider->base_url_env
                   ? "HTTP fallback URL not configured: set MODEL_CLIENT_HTTP_FALLBACK_URL, request.base_url or "
                     "desc.base_url"
                   : "no base_url: set desc.base_url or request.base_url";
    text = tamar__str_trim(tamar__str_z(base));
    if (text.len > 16384) return "base_url is longer than 16 KiB";
    target.base = text;
    bad = tamar__dialect_encode(dialect, rq, &target, a, &w->d.notes, &out, &body);
    if (bad) return bad;
    w->http.body = body;
    w->http.room = body.ptr ? TAMAR__DIALECT_HEAD_ROOM : 0;
    tamar__str_init(&address, a, SIZE_MAX / 2);
    if (tamar__str_at(text, '{') < text.len) {
        bad = tamar__auth_expand(&desc->environment, text, &address);
        if (bad) return bad;
        text = tamar__str_view(&address);
        tamar__str_init(&address, a, SIZE_MAX / 2);
    }
    // what stands behind the host in the provider's own address, or where any such server has it
    home = tamar__str_z("/v1");
    if (target.provider->base_url && tamar__dialect_related(dialect->name, target.provider->api)) {
        home = tamar__str_z(target.provider->base_url);
        if (tamar__str_at(home, '{') < home.len) {
            bad = tamar__auth_expand(&desc->environment, home, &address);
            if (address.full) return tamar__base_no_memory();
            home = bad ? tamar__str_make("", 0) : tamar__str_view(&address);  // not needed for sure
            tamar__str_init(&address, a, SIZE_MAX / 2);
        }
        home = tamar__dialect_url_tail(home);
    }
    if (!tamar__dialect_url(&address, text, home, out.path, target.model)) return tamar__base_no_memory();
    w->http.url = tamar__str_view(&address);
    bad = tamar__url_recall(memo, w->http.url, &url);
    if (bad) return bad;
    w->http.method = dialect->method;
    w->headers = (tamar_header *)tamar__arena_get(
        a, (rq->extra_headers || target.provider->headers ? TAMAR__CALL_HEADERS : 10 + TAMAR__DIALECT_HEADERS) *
               sizeof *w->headers);
    if (!w->headers) return tamar__base_no_memory();
    w->http.headers = w->headers;
    if (body.ptr) tamar__call_header(w, "Content-Type", tamar__str_z("application/json"), false);
    tamar__call_header(w, "Accept", tamar__str_z(!rq->stream      ? "application/json"
                                             : dialect->framing == TAMAR__DIALECT_LINES ? "application/x-ndjson"
                                                              : "text/event-stream"),
                       false);
    tamar__call_header(w, "Accept-Encoding", tamar__str_z("identity"), false);
    tamar__call_header(w, "User-Agent", tamar__str_z(desc->user_agent), false);
    for (i = 0; i < out.header_count; i++) w->headers[w->http.header_count++] = out.headers[i];
    bad = tamar__call_extra_headers(w, a, target.provider->headers, TAMAR__CALL_HEADERS);
    if (bad) return bad;
    keyless = target.provider->auth && !strcmp(target.provider->auth, "none");
    key = tamar__str_make(NULL, 0);
    bad = keyless ? NULL : tamar__auth_key(desc, desc_key, rq, target.provider, &url, keep, &key, &token);
    if (bad) return bad;
    keyless = keyless || target.provider->quirks & TAMAR_QUIRK_KEY_OPTIONAL;
    if (key.len && !url.https && !desc->allow_plain_http && !tamar__auth_is_loopback(&url, memo)) {
        tamar__base_wipe((char *)(uintptr_t)key.ptr, key.len);
        return "the API key would travel unencrypted: use https, or set desc.allow_plain_http if you really mean it";
    }
    if (!key.len && !placeholder && !keyless && !tamar__auth_is_loopback(&url, memo))
        return "there is no API key for this provider: set its environment variable (e.g. OPENAI_API_KEY), "
               "desc.api_key or desc.key";
    if (key.len || (placeholder && !keyless)) {
        const char *header = tamar__auth_header(target.provider, token, &w->bearer);
        w->asks = !rq->api_key && desc->key.get;
        w->key_at = w->http.header_count;
        w->secret = key;
        tamar__call_header(w, header, tamar__str_make("", 0), true);
        if (!tamar__call_put_key(w, key.len ? key : tamar__str_z("KEY"))) return tamar__base_no_memory();
        w->mint = key.len ? tamar__auth_mints(target.provider) : TAMAR__AUTH_PLAIN;
        if (tamar__auth_mints(target.provider) == TAMAR__AUTH_TC3) {
            w->stamp_at = w->http.header_count;
            tamar__call_header(w, "X-TC-Timestamp", tamar__str_z("0"), false);
        }
    }
    if (w->id_len)
        tamar__call_header(w, target.provider->quirks & TAMAR_QUIRK_REQUEST_ID ? "X-Request-ID" : "X-Client-Request-Id",
                           tamar__str_make(w->id, w->id_len), false);
    if (rq->origin_id && target.provider->quirks & TAMAR_QUIRK_REQUEST_ID) {
        char *copy = tamar__arena_copy(a, rq->origin_id, strlen(rq->origin_id));
        if (!copy) return tamar__base_no_memory();
        for (i = 0; copy[i]; i++)
            if ((unsigned char)copy[i] < 0x20 || copy[i] == 0x7F) return "request.origin_id holds a control byte";
        tamar__call_header(w, "X-Origin-Request-ID", tamar__str_z(copy), false);
    }
    if (rq->idempotency_key && target.provider->quirks & TAMAR_QUIRK_IDEMPOTENCY) {
        char *copy = tamar__arena_copy(a, rq->idempotency_key, strlen(rq->idempotency_key));
        if (!copy) return tamar__base_no_memory();
        tamar__call_header(w, "Idempotency-Key", tamar__str_z(copy), false);
    }
    bad = tamar__call_extra_headers(w, a, rq->extra_headers, TAMAR__CALL_HEADERS);
    if (bad) return bad;
    if (!key.len) return NULL;
    if (w->headers[w->key_at].value.ptr != w->key_header.ptr) {  // their own took its place
        w->asks = false;
        w->mint = TAMAR__AUTH_PLAIN;
        w->d.secret = key;
        return NULL;
    }
    if (w->mint) {
        if (rq->org_id) w->facts.org_id = tamar__arena_copy(a, rq->org_id, strlen(rq->org_id));
        if (rq->user) w->facts.user_id = tamar__arena_copy(a, rq->user, strlen(rq->user));
        if ((rq->org_id && !w->facts.org_id) || (rq->user && !w->facts.user_id)) return tamar__base_no_memory();
        w->facts.url = w->http.url;
        w->facts.body = body;
        for (i = 0; i < w->http.header_count; i++)
            if (tamar__str_is_nocase(w->headers[i].name, "content-type")) w->facts.content_type = w->headers[i].value;
    }
    return tamar__call_authorize(&desc->clock, w, keep, key);
}

static int tamar__call_pick(int own, int desc, int standard) { return own ? own : desc ? desc : standard; }

// All timeouts from the request, the description, and the documented defaults.
static void tamar__call_timeouts(tamar_timeouts *t, const tamar_timeouts *own, const tamar_timeouts *desc,
                                 bool stream)
{
    t->connect_ms = tamar__call_pick(own->connect_ms, desc->connect_ms, 10000);
    t->send_ms = tamar__call_pick(own->send_ms, desc->send_ms, 20000);
    t->idle_ms = tamar__call_pick(own->idle_ms, desc->idle_ms, 120000);
    t->total_ms = tamar__call_pick(own->total_ms, desc->total_ms, 600000);
    t->first_byte_ms = tamar__call_pick(own->first_byte_ms, desc->first_byte_ms, stream ? 60000 : -1);
}

static tamar_call tamar__call_send(tamar_client *c, const tamar_request *rq)
{
    tamar__call_slot *s = tamar__call_slot_free(c);
    tamar__call_work *w;
    const char *bad;
    static const char hex[] = "0123456789abcdef";
    size_t i, k;
    if (!s) return tamar__call_refuse(c, rq, tamar__call_constant(TAMAR_LOCAL_LIMIT));
    tamar__arena_init(&s->arena, &c->memory, sizeof *w + 512);
    w = (tamar__call_work *)tamar__arena_raw(&s->arena, sizeof *w);
    if (!w) {
        tamar__arena_free(&s->arena);
        return tamar__call_refuse(c, rq, tamar__call_constant(TAMAR_NOMEM));
    }
    tamar__base_wipe((char *)w + sizeof w->d, sizeof *w - sizeof w->d);  // d, the first member, is zeroed by its init
    s->arena.chunk = 480;  // what comes later is small
    tamar__arena_init(&w->request, &c->memory, 960);
    if (!++s->generation) s->generation = 1;
    s->work = w;
    s->response = NULL;
    s->told_start = s->told_finish = s->dirty = s->zombie = false;
    s->group = rq->group;
    s->priority = rq->priority;
    s->user_data = rq->user_data;
    s->on_event = rq->on_event;
    s->deliver_inside = rq->on_event != NULL;
    s->state = TAMAR__CALL_QUEUED;
    c->live_count++;
    w->provider = w->origin_id = "";
    w->sent_us = c->now_us;
    w->phase = TAMAR_PHASE_QUEUE;
    tamar__dialect_init(&w->d, tamar__dialect_named(tamar__str_z("openai-chat")), &s->arena, rq->stream,
                        c->desc.max_event, c->desc.max_body);
    w->d.keep_raw = rq->keep_raw;
    w->d.discard = rq->discard_text;
    for (i = 0; i < 16; i += 8) {
        uint32_t id = tamar__call_random(c);
        for (k = 8; k > 0; k -= 2, id >>= 8) {
            w->id[i + k - 1] = hex[id & 15];
            w->id[i + k - 2] = hex[id >> 4 & 15];
        }
    }
    memcpy(w->id + 16, "-1", 3);
    w->id_len = 18;
    tamar__call_timeouts(&w->timeouts, &rq->timeouts, &c->desc.timeouts, rq->stream);
    w->max_retries = (int)(rq->max_retries.set       ? rq->max_retries.value
                           : c->desc.max_retries.set ? c->desc.max_retries.value
                                                     : 2);
    if (w->max_retries > 5) w->max_retries = 5;
    tamar__call_queue(c, s);
    if (rq->origin_id) {
        w->origin_id = tamar__arena_copy(&s->arena, rq->origin_id, strlen(rq->origin_id));
        if (!w->origin_id) w->origin_id = "";
    }
    bad = tamar__call_prepare(&c->desc, c->api_key, rq, w, &s->arena, &c->net.memo, false);
    w->d.status = 0;
    if (bad) {
        tamar__dialect_fail(&w->d, bad == tamar__base_no_memory() ? TAMAR_NOMEM : TAMAR_CONFIG, bad);
        tamar__dialect_end(&w->d, false);
        tamar__call_finish(c, s);
        return tamar__call_handle(c, s);
    }
    tamar__log_write(&c->desc.log, TAMAR__LOG_CALL_SENT, tamar__call_handle(c, s), NULL, 0, w->http.url);
    tamar__call_schedule(c, s);
    return tamar__call_handle(c, s);
}

// -- events ----------------------------------------------------------------------------------------

static void tamar__call_event_of(const tamar_client *c, const tamar__call_slot *s, tamar_event *e)
{
    memset(e, 0, sizeof *e);
    e->call = tamar__call_handle(c, s);
    e->group = s->group;
    e->user_data = s->user_data;
    e->error.message = e->error.code = e->error.type = e->error.param = e->error.request_id = e->error.id =
        e->error.origin_id = "";
}

// What this call has to tell next. False: nothing now.
static bool tamar__call_event(tamar_client *c, tamar__call_slot *s, tamar_event *e)
{
    tamar__call_work *w = s->work;
    tamar__call_event_of(c, s, e);
    if (!s->told_start && w->d.started && w->d.status >= 200 && w->d.status < 300) {
        s->told_start = true;
        e->type = TAMAR_EVENT_START;
        return true;
    }
    if (tamar__dialect_event(&w->d, e)) return true;
    if (s->state != TAMAR__CALL_FINISHED || s->told_finish) return false;
    s->told_finish = true;
    e->type = TAMAR_EVENT_FINISH;
    e->finished = true;
    e->error = s->response->error;
    e->response = s->response;
    return true;
}

static void tamar__call_refusal_event(const tamar_client *c, tamar__call_refusal *r, tamar_event *e)
{
    memset(e, 0, sizeof *e);
    e->type = TAMAR_EVENT_FINISH;
    e->finished = true;
    e->error = r->response->error;
    e->response = r->response;
    e->call.id = (uint32_t)r->generation << 16 | (c->slot_count + (uint32_t)(r - c->refusals));
    e->group = r->group;
    e->user_data = r->user_data;
    r->told = true;
}

static void tamar__call_free(tamar_client *c, tamar__call_slot *s)
{
    tamar__call_unmark(c, s);
    tamar__call_wipe(s->work);
    tamar__arena_free(&s->arena);
    s->state = TAMAR__CALL_FREE;
    s->zombie = false;
    s->work = NULL;
    s->response = NULL;
}

static void tamar__call_release(tamar_client *c, tamar__call_slot *s)
{
    if (s->state != TAMAR__CALL_FINISHED) {
        tamar__call_stop_exchange(c, s);
        if (s->state == TAMAR__CALL_QUEUED) tamar__call_unqueue(c, s);
        c->live_count--;
        s->state = TAMAR__CALL_FINISHED;
    }
    tamar__call_unmark(c, s);
    if (c->pumping) {  // its views may be on somebody's stack
        s->zombie = true;
        c->zombie_count++;
    }
    else tamar__call_free(c, s);
}

// Tells the calls that have on_event. Their callbacks may send, cancel and release.
static void tamar__call_deliver(tamar_client *c)
{
    tamar_event e;
    uint32_t i, at;
    c->delivering = true;
    while (c->dirty_inside) {
        tamar__call_slot *s = NULL;
        for (at = c->dirty_head; at && !s; at = c->slots[at - 1].next_dirty)
            if (c->slots[at - 1].deliver_inside) s = &c->slots[at - 1];
        if (!s) break;
        if (!tamar__call_event(c, s, &e)) {
            tamar__call_unmark(c, s);
            continue;
        }
        s->on_event(s->user_data, &e);
    }
    for (i = 0; c->refusal_dirty && i < c->refusal_cap; i++) {
        tamar__call_refusal *r = &c->refusals[i];
        if (!r->used || r->told || !r->on_event) continue;
        c->refusal_dirty--;
        tamar__call_refusal_event(c, r, &e);
        r->on_event(r->user_data, &e);
    }
    c->delivering = false;
}

static bool tamar__call_next_event(tamar_client *c, tamar_event *e)
{
    uint32_t i, at, next;
    for (at = c->dirty_head; at; at = next) {
        tamar__call_slot *s = &c->slots[at - 1];
        next = s->next_dirty;
        if (s->deliver_inside) continue;
        if (tamar__call_event(c, s, e)) return true;
        tamar__call_unmark(c, s);
    }
    for (i = 0; c->refusal_dirty && i < c->refusal_cap; i++)
        if (c->refusals[i].used && !c->refusals[i].told && !c->refusals[i].on_event) {
            c->refusal_dirty--;
            tamar__call_refusal_event(c, &c->refusals[i], e);
            return true;
        }
    if (!c->lost) return false;
    c->lost--;
    memset(e, 0, sizeof *e);
    e->type = TAMAR_EVENT_FINISH;
    e->finished = true;
    e->response = tamar__call_constant(TAMAR_LOCAL_LIMIT);
    e->error = e->response->error;
    return true;
}

static bool tamar__call_undelivered(const tamar_client *c) { return c->dirty_head || c->refusal_dirty || c->lost; }

// How long nothing is due, at most limit_ms (<0: no limit).
static int tamar__call_patience(const tamar_client *c, int limit_ms)
{
    uint64_t ms;
    if (c->next_due_us == UINT64_MAX) return limit_ms;
    ms = c->next_due_us > c->now_us ? (c->next_due_us - c->now_us + 999) / 1000 : 0;
    if (limit_ms >= 0 && ms > (uint64_t)limit_ms) return limit_ms;
    return ms > 3600000 ? 3600000 : (int)ms;
}

static void tamar__call_now(tamar_client *c)
{
    uint64_t now = c->desc.clock.now_us(c->desc.clock.user_data);
    if (now > c->now_us) c->now_us = now;  // a clock that runs backwards stands still here
}

// regardless: waits also while there are events that nobody fetched.
static bool tamar__call_pump(tamar_client *c, int wait_ms, bool regardless)
{
    uint32_t i;
    c->pumping = true;
    tamar__call_now(c);
    tamar__call_timers(c);
    tamar__call_start_queued(c);
    if (c->dirty_inside || c->refusal_dirty) tamar__call_deliver(c);
    if (!regardless && tamar__call_undelivered(c)) wait_ms = 0;
    if (wait_ms < 0 && !c->live_count) wait_ms = 0;  // nothing will happen
    if (wait_ms) wait_ms = tamar__call_patience(c, wait_ms);
    c->net.budget = c->desc.pump_budget;
    if (c->transport.pump) c->transport.pump(c->transport.user_data, wait_ms);
    tamar__call_now(c);
    tamar__call_timers(c);
    tamar__call_start_queued(c);
    if (c->dirty_inside || c->refusal_dirty) tamar__call_deliver(c);
    c->pumping = false;
    for (i = 0; c->zombie_count && i < c->slot_count; i++)
        if (c->slots[i].zombie) {
            tamar__call_free(c, &c->slots[i]);
            c->zombie_count--;
        }
    return c->live_count > 0 || tamar__call_undelivered(c);
}

// =================================================================================================
// >>client  public functions | uses: all above
// Glue and nothing else: each function checks its handle and calls the section that knows.
// =================================================================================================

TAMAR_API const char *tamar_version(void) { return TAMAR_VERSION; }

TAMAR_API const char *tamar_category_name(tamar_category category)
{
    static const char *const names[] = {
        "ok",
        "cancelled",
        "config",
        "clock",
        "nomem",
        "limit",
        "local_limit",
        "budget",
        "offline",
        "dns",
        "connect",
        "proxy",
        "tls_cert",
        "tls_proto",
        "reset",
        "timeout_connect",
        "timeout_tls",
        "timeout_send",
        "timeout_ttfb",
        "timeout_idle",
        "timeout_total",
        "proto",
        "redirect",
        "truncated",
        "parse",
        "empty",
        "server",
        "overloaded",
        "rate",
        "quota",
        "billing",
        "auth",
        "permission",
        "model_not_found",
        "context",
        "too_large",
        "bad_request",
        "content_filter",
        "model_output",
        "breaker_open",
        "retry_budget",
    };
    return (size_t)category < sizeof names / sizeof *names ? names[category] : "unknown";
}

TAMAR_API const char *tamar_finish_name(tamar_finish finish)
{
    static const char *const names[] = { "",        "stop",  "length", "tool_calls", "content_filter",
                                         "refusal", "error", "other" };
    return (size_t)finish < sizeof names / sizeof *names ? names[finish] : "other";
}

TAMAR_API const char *tamar_phase_name(tamar_phase phase)
{
    static const char *const names[] = {
        "none", "queue", "resolve", "connect", "tls", "send", "wait", "body", "done"
    };
    return (size_t)phase < sizeof names / sizeof *names ? names[phase] : "unknown";
}

TAMAR_API const char *tamar_event_name(tamar_event_type type)
{
    static const char *const names[] = { "none",    "start",     "text",      "reasoning",
                                         "refusal", "tool_call", "heartbeat", "finish" };
    return (size_t)type < sizeof names / sizeof *names ? names[type] : "unknown";
}

TAMAR_API tamar_str tamar_text(const char *z) { return tamar__str_z(z); }

TAMAR_API tamar_opt_int tamar_int(int64_t value)
{
    tamar_opt_int o;
    o.set = true;
    o.value = value;
    return o;
}

TAMAR_API tamar_opt_double tamar_double(double value)
{
    tamar_opt_double o;
    o.set = true;
    o.value = value;
    return o;
}

TAMAR_API tamar_part tamar_text_part(const char *text)
{
    tamar_part p;
    memset(&p, 0, sizeof p);
    p.text = tamar__str_z(text);
    return p;
}

TAMAR_API tamar_part tamar_image_part(const char *url)
{
    tamar_part p;
    memset(&p, 0, sizeof p);
    p.type = TAMAR_PART_IMAGE;
    p.url = tamar__str_z(url);
    return p;
}

TAMAR_API tamar_part tamar_tool_result_part(tamar_str call_id, tamar_str result)
{
    tamar_part p;
    memset(&p, 0, sizeof p);
    p.type = TAMAR_PART_TOOL_RESULT;
    p.id = call_id;
    p.text = result;
    return p;
}

// -- sans I/O --------------------------------------------------------------------------------------

struct tamar_decoder {
    tamar__base_memory memory;
    tamar__arena_pool pool;
    tamar__arena arena;
    tamar__dialect_decoder d;
    tamar_response response;
    const tamar_provider *row;
    bool ended, started, told;
};

// Memory over an allocator or a block. object, if memory allows, is the first thing in it, zeroed.
static void *tamar__client_memory(tamar__base_memory *m, tamar__arena_pool *pool, const tamar_allocator *allocator,
                                  void *block, size_t block_size, size_t object_size)
{
    void *object;
    memset(m, 0, sizeof *m);
    memset(pool, 0, sizeof *pool);
    if (block) {
        if (!tamar__arena_pool_init(pool, block, block_size)) return NULL;
        m->allocator.resize = tamar__arena_pool_resize;
        m->allocator.user_data = pool;
    }
    else m->allocator = tamar__base_allocator(allocator);
    if (!m->allocator.resize) return NULL;
    object = tamar__base_resize(m, NULL, 0, object_size);
    if (object) memset(object, 0, object_size);
    return object;
}

TAMAR_API void tamar_decoder_close(tamar_decoder *decoder)
{
    tamar__base_memory m;
    tamar__arena_pool pool;
    if (!decoder) return;
    tamar__arena_free(&decoder->arena);
    m = decoder->memory;
    pool = decoder->pool;
    if (m.allocator.resize == tamar__arena_pool_resize) m.allocator.user_data = &pool;
    tamar__base_resize(&m, decoder, sizeof *decoder, 0);
}

TAMAR_API tamar_decoder *tamar_decoder_open(const tamar_decoder_desc *desc)
{
    tamar__base_memory m;
    tamar__arena_pool pool;
    tamar_decoder_desc none;
    const tamar_dialect *own;
    const tamar__dialect *dialect;
    tamar_decoder *d;
    memset(&none, 0, sizeof none);
    if (!desc) desc = &none;
    d = (tamar_decoder *)tamar__client_memory(&m, &pool, &desc->allocator, desc->memory, desc->memory_size,
                                              sizeof *d);
    if (!d) return NULL;
    d->memory = m;
    d->pool = pool;
    if (desc->memory) d->memory.allocator.user_data = &d->pool;
    tamar__arena_init(&d->arena, &d->memory, 1024);
    own = tamar__dialect_user_named(desc->dialects, desc->dialect_count, tamar__str_z(desc->api), NULL);
    dialect = own ? tamar__dialect_register(&d->arena, own) : NULL;
    if (own && !dialect) {
        tamar_decoder_close(d);
        return NULL;
    }
    if (!dialect) dialect = tamar__dialect_named(tamar__str_z(desc->api ? desc->api : "openai-chat"));
    tamar__dialect_init(&d->d, dialect ? dialect : tamar__dialect_named(tamar__str_z("openai-chat")), &d->arena,
                        desc->stream, desc->max_event ? desc->max_event : 64u << 20,
                        desc->max_body ? desc->max_body : 64u << 20);
    if (desc->status) d->d.status = desc->status;
    d->d.keep_raw = desc->keep_raw;
    d->d.discard = desc->discard_text;
    d->row = tamar__model_provider(NULL, 0, tamar__str_z(desc->provider));
    if (!dialect) {
        d->d.status = 0;
        tamar__dialect_fail_with(&d->d, TAMAR_CONFIG, "tamar_decoder_desc.api names a dialect that is not known: ",
                                 tamar__str_z(desc->api));
    }
    return d;
}

TAMAR_API void tamar_decoder_header(tamar_decoder *decoder, const char *name, const char *value)
{
    if (decoder && name && value && !decoder->ended)
        tamar__dialect_header(&decoder->d, tamar__str_z(name), tamar__str_z(value));
}

TAMAR_API bool tamar_decoder_feed(tamar_decoder *decoder, const void *data, size_t len)
{
    if (!decoder || decoder->ended) return false;
    if (decoder->d.discard) tamar__dialect_forget(&decoder->d);
    return tamar__dialect_feed(&decoder->d, (const char *)data, len);
}

TAMAR_API bool tamar_decoder_next_event(tamar_decoder *decoder, tamar_event *event)
{
    if (!decoder || !event) return false;
    memset(event, 0, sizeof *event);
    if (!decoder->started && decoder->d.started && decoder->d.status < 300) {
        decoder->started = true;
        event->type = TAMAR_EVENT_START;
        return true;
    }
    if (tamar__dialect_event(&decoder->d, event)) return true;
    if (!decoder->ended || decoder->told) return false;
    decoder->told = true;
    event->type = TAMAR_EVENT_FINISH;
    event->finished = true;
    event->error = decoder->response.error;
    event->response = &decoder->response;
    return true;
}

TAMAR_API const tamar_response *tamar_decoder_end(tamar_decoder *decoder, bool clean)
{
    if (!decoder) return NULL;
    if (!decoder->ended) {
        decoder->ended = true;
        if (!decoder->d.started) tamar__dialect_started(&decoder->d);
        tamar__dialect_end(&decoder->d, clean);
        tamar__dialect_response(&decoder->d, &decoder->response);
        if (decoder->row) decoder->response.provider = tamar__str_z(decoder->row->name);
    }
    return &decoder->response;
}

// -- what dialects of the user's call ---------------------------------------------------------------

static tamar__dialect_decoder *tamar__client_reply(tamar_reply *reply)
{
    return (tamar__dialect_decoder *)(void *)reply;
}

TAMAR_API void tamar_draft_path(tamar_draft *draft, const char *path)
{
    tamar__dialect_out *o = (tamar__dialect_out *)draft->own;
    char *copy = path ? tamar__arena_copy(o->arena, path, strlen(path)) : NULL;
    if (copy) o->path = copy;
    else o->starved = true;
}

TAMAR_API void tamar_draft_header(tamar_draft *draft, const char *name, const char *value)
{
    tamar__dialect_out *o = (tamar__dialect_out *)draft->own;
    char *n = name ? tamar__arena_copy(o->arena, name, strlen(name)) : NULL;
    char *v = value ? tamar__arena_copy(o->arena, value, strlen(value)) : NULL;
    tamar_header *h = &o->headers[o->header_count];
    if (!n || !v) {
        o->starved = true;
        return;
    }
    if (o->header_count == TAMAR__DIALECT_HEADERS) {
        tamar__talk_warn(o->notes, "dropped", "a dialect may add four headers; the rest was left out");
        return;
    }
    h->name = tamar__str_z(n);
    h->value = tamar__str_z(v);
    h->secret = false;
    o->header_count++;
}

TAMAR_API void tamar_draft_warn(tamar_draft *draft, const char *code, const char *message)
{
    tamar__talk_warn(((tamar__dialect_out *)draft->own)->notes, code, message);
}

TAMAR_API void tamar_reply_append(tamar_reply *reply, tamar_part_type type, tamar_json string)
{
    if (tamar_json_type_of(string) == TAMAR_JSON_STRING)
        tamar__dialect_append(tamar__client_reply(reply), type, string);
}

TAMAR_API void tamar_reply_text(tamar_reply *reply, tamar_part_type type, tamar_str text)
{
    tamar_json v;
    v.ptr = text.ptr;
    v.len = text.len;
    if (text.len) tamar__dialect_append_raw(tamar__client_reply(reply), type, v);
}

TAMAR_API void tamar_reply_call(tamar_reply *reply, int64_t number, tamar_json id, tamar_json name)
{
    tamar__dialect_decoder *d = tamar__client_reply(reply);
    tamar__dialect_call *c = tamar__dialect_user_call(d, number, true);
    if (!c) return;
    tamar__dialect_first_text(d, &c->id, id);
    tamar__dialect_first_text(d, &c->name, name);
}

TAMAR_API void tamar_reply_arguments(tamar_reply *reply, int64_t number, tamar_json arguments)
{
    tamar__dialect_decoder *d = tamar__client_reply(reply);
    tamar__dialect_call *c = tamar__dialect_user_call(d, number, false);
    if (c) tamar__dialect_chat_arguments(d, c, arguments);
}

TAMAR_API void tamar_reply_usage(tamar_reply *reply, const tamar_usage *usage)
{
    tamar__client_reply(reply)->usage = *usage;
}

TAMAR_API void tamar_reply_cite(tamar_reply *reply, tamar_json url, tamar_json title)
{
    tamar__dialect_cite(tamar__client_reply(reply), url, title);
}

TAMAR_API void tamar_reply_about(tamar_reply *reply, tamar_json id, tamar_json model, tamar_json created)
{
    tamar__dialect_decoder *d = tamar__client_reply(reply);
    int64_t seconds;
    tamar__dialect_first_text(d, &d->id, id);
    tamar__dialect_first_text(d, &d->model, model);
    if (d->created || !tamar__json_lenient_int(created, &seconds) || seconds <= 0) return;
    d->created = seconds;
}

TAMAR_API void tamar_reply_finish(tamar_reply *reply, tamar_json word, tamar_finish means)
{
    tamar__dialect_finish_word(tamar__client_reply(reply), word);
    tamar__client_reply(reply)->finish_as = means;
}

TAMAR_API void tamar_reply_done(tamar_reply *reply)
{
    tamar__client_reply(reply)->done = tamar__client_reply(reply)->over = true;
}

TAMAR_API void tamar_reply_fail(tamar_reply *reply, tamar_category category, tamar_json code, tamar_json message)
{
    tamar__dialect_user_fail(tamar__client_reply(reply), category, code, message);
}

TAMAR_API bool tamar_reply_error(tamar_reply *reply, tamar_json document)
{
    return tamar__dialect_vendor_error(tamar__client_reply(reply), document, false);
}

TAMAR_API void tamar_reply_warn(tamar_reply *reply, const char *code, const char *message)
{
    tamar__talk_warn(&tamar__client_reply(reply)->notes, code, message);
}

TAMAR_API void *tamar_reply_memory(tamar_reply *reply, size_t size)
{
    return tamar__dialect_own(tamar__client_reply(reply), size);
}

static tamar_decoder *tamar__client_checked(const tamar_dialect *dialect, bool stream, int status)
{
    tamar_decoder_desc desc;
    memset(&desc, 0, sizeof desc);
    desc.api = dialect->name;
    desc.dialects = &dialect;
    desc.dialect_count = 1;
    desc.stream = stream;
    desc.status = status;
    return tamar_decoder_open(&desc);
}

// What of two answers differs. NULL: nothing.
static const char *tamar__client_differ(const tamar_response *a, const tamar_response *b)
{
    size_t i;
    if (a->error.category != b->error.category) return "error.category";
    if (strcmp(a->error.code, b->error.code)) return "error.code";
    if (strcmp(a->error.message, b->error.message)) return "error.message";
    if (!tamar__str_equal(a->text, b->text)) return "text";
    if (!tamar__str_equal(a->reasoning, b->reasoning)) return "reasoning";
    if (!tamar__str_equal(a->refusal, b->refusal)) return "refusal";
    if (a->tool_call_count != b->tool_call_count) return "tool_call_count";
    for (i = 0; i < a->tool_call_count; i++)
        if (!tamar__str_equal(a->tool_calls[i]->text, b->tool_calls[i]->text) ||
            !tamar__str_equal(a->tool_calls[i]->name, b->tool_calls[i]->name) ||
            !tamar__str_equal(a->tool_calls[i]->id, b->tool_calls[i]->id))
            return "tool_calls";
    if (a->finish != b->finish || !tamar__str_equal(a->finish_raw, b->finish_raw)) return "finish";
    if (!tamar__str_equal(a->id, b->id)) return "id";
    if (!tamar__str_equal(a->model, b->model)) return "model";
    if (a->usage.input_tokens.value != b->usage.input_tokens.value ||
        a->usage.output_tokens.value != b->usage.output_tokens.value ||
        a->usage.total_tokens.value != b->usage.total_tokens.value)
        return "usage";
    if (a->warning_count != b->warning_count) return "warnings";
    return NULL;
}

TAMAR_API const char *tamar_dialect_check(const tamar_dialect *dialect, bool stream, int status, const void *answer,
                                          size_t len)
{
    const char *p = (const char *)answer, *bad = NULL;
    const tamar_response *want, *got;
    tamar_decoder *whole, *d;
    size_t split, i, events = 0, text = 0;
    if (!dialect || dialect->size != sizeof *dialect || !dialect->name) return "dialect.size or name";
    whole = tamar__client_checked(dialect, stream, status);
    if (!whole) return "memory is out";
    tamar_decoder_feed(whole, p, len);
    want = tamar_decoder_end(whole, true);
    for (split = 0; split <= len && !bad; split++) {  // split 0: byte by byte
        tamar_event e;
        d = tamar__client_checked(dialect, stream, status);
        if (!d) {
            bad = "memory is out";
            break;
        }
        for (i = 0, events = text = 0; i < len;) {
            size_t n = !split ? 1 : i < split ? split : len - split;
            tamar_decoder_feed(d, p + i, n);
            i += n;
            while (tamar_decoder_next_event(d, &e)) text += e.type == TAMAR_EVENT_TEXT ? e.text.len : 0;
        }
        got = tamar_decoder_end(d, true);
        while (tamar_decoder_next_event(d, &e)) {
            text += e.type == TAMAR_EVENT_TEXT ? e.text.len : 0;
            events += e.finished ? 1 : 0;
        }
        bad = tamar__client_differ(want, got);
        if (!bad && events != 1) bad = "the last event";
        if (!bad && text != got->text.len) bad = "the text's events";
        tamar_decoder_close(d);
    }
    tamar_decoder_close(whole);
    return bad;
}

struct tamar_sse {
    tamar__base_memory memory;
    tamar__arena arena;
    tamar__sse s;
    bool ended;
};

TAMAR_API tamar_sse *tamar_sse_open(const tamar_allocator *allocator, size_t max_event)
{
    tamar__base_memory m;
    tamar__arena_pool pool;
    tamar_sse *s = (tamar_sse *)tamar__client_memory(&m, &pool, allocator, NULL, 0, sizeof *s);
    if (!s) return NULL;
    s->memory = m;
    tamar__arena_init(&s->arena, &s->memory, 1024);
    tamar__sse_init(&s->s, &s->arena, max_event ? max_event : 64u << 20, false, false);
    return s;
}

static bool tamar__client_sse_event(tamar_sse *sse, bool got, tamar_sse_event *event)
{
    if (!got) return false;
    event->id = tamar__str_view(&sse->s.id);
    event->retry_ms.set = sse->s.has_retry;
    event->retry_ms.value = (int64_t)(sse->s.retry > INT64_MAX ? INT64_MAX : sse->s.retry);
    return true;
}

TAMAR_API bool tamar_sse_feed(tamar_sse *sse, const void *data, size_t len)
{
    if (!sse || sse->ended || tamar__sse_failed(&sse->s)) return false;
    tamar__sse_input(&sse->s, (const char *)data, len);
    return true;
}

TAMAR_API bool tamar_sse_next(tamar_sse *sse, tamar_sse_event *event)
{
    if (!sse || !event || sse->ended) return false;
    return tamar__client_sse_event(sse, tamar__sse_next(&sse->s, &event->data, &event->event), event);
}

TAMAR_API bool tamar_sse_pending(tamar_sse *sse, tamar_sse_event *event)
{
    if (!sse || !event || sse->ended) return false;
    sse->ended = true;
    return tamar__client_sse_event(sse, tamar__sse_pending(&sse->s, &event->data, &event->event), event);
}

TAMAR_API void tamar_sse_close(tamar_sse *sse)
{
    tamar__base_memory m;
    if (!sse) return;
    tamar__arena_free(&sse->arena);
    m = sse->memory;
    tamar__base_resize(&m, sse, sizeof *sse, 0);
}

// -- the client ------------------------------------------------------------------------------------

static const char *tamar__client_copy(tamar__arena *a, const char *z, bool *good)
{
    char *copy = z ? tamar__arena_copy(a, z, strlen(z)) : NULL;
    if (z && !copy) *good = false;
    return copy;
}

static size_t tamar__client_size(size_t wanted, size_t standard) { return wanted ? wanted : standard; }
static int tamar__client_int(int wanted, int standard) { return wanted > 0 ? wanted : standard; }

// Copies the dialects of the user's. NULL, or what is wrong.
static const char *tamar__client_dialects(tamar_desc *d, tamar__arena *a)
{
    size_t i;
    bool good = true;
    const tamar_dialect **list;
    if (!d->dialects || !d->dialect_count) {
        d->dialect_count = 0;
        return NULL;
    }
    list = (const tamar_dialect **)tamar__arena_get(a, d->dialect_count * sizeof *list);
    for (i = 0; list && good && i < d->dialect_count; i++) {
        const tamar_dialect *from = d->dialects[i];
        tamar_dialect *to;
        if (!from || from->size != sizeof *from)
            return "desc.dialects: size has to be sizeof(tamar_dialect): it is NULL, not set or of another version";
        if (!from->name || !*from->name) return "desc.dialects: one has no name";
        if (!from->path) return "desc.dialects: one has no path";
        if (!from->document && !from->record) return "desc.dialects: one has neither record nor document";
        to = (tamar_dialect *)tamar__arena_get(a, sizeof *to);
        if (!to) return tamar__base_no_memory();
        *to = *from;
        to->name = tamar__client_copy(a, from->name, &good);
        to->method = tamar__client_copy(a, from->method, &good);
        to->path = tamar__client_copy(a, from->path, &good);
        to->stream_path = tamar__client_copy(a, from->stream_path, &good);
        list[i] = to;
    }
    d->dialects = list;
    return list && good ? NULL : tamar__base_no_memory();
}

// Copies the description and fills in every default. NULL, or what is wrong with it.
static const char *tamar__client_resolve(tamar_desc *d, tamar__arena *a, const char **where)
{
    tamar__model_table table;
    const char *bad = tamar__client_dialects(d, a);
    bool good = true;
    size_t i;
    if (bad) return bad;
    memset(&table, 0, sizeof table);
    table.arena = a;
    if (d->table && !tamar__model_table_load(&table, d->table)) {
        *where = table.where;
        return table.bad;
    }
    d->table = NULL;  // its rows are among the others
    d->base_url = tamar__client_copy(a, d->base_url && *d->base_url ? d->base_url : NULL, &good);
    d->default_model = tamar__client_copy(a, d->default_model, &good);
    d->ca_file = tamar__client_copy(a, d->ca_file && *d->ca_file ? d->ca_file : NULL, &good);
    d->user_agent = tamar__client_copy(a, d->user_agent ? d->user_agent : "tamar/" TAMAR_VERSION, &good);
    d->providers_off = tamar__client_copy(a, d->providers_off, &good);
    if (!d->providers) d->provider_count = 0;
    if (!d->models) d->model_count = 0;
    if (d->provider_count + table.row_count) {
        tamar_provider *rows =
            (tamar_provider *)tamar__arena_get(a, (d->provider_count + table.row_count) * sizeof *rows);
        if (!rows) return tamar__base_no_memory();
        for (i = 0; i < d->provider_count; i++) {
            const tamar_provider *from = &d->providers[i];
            rows[i] = *from;
            rows[i].name = tamar__client_copy(a, from->name, &good);
            rows[i].aliases = tamar__client_copy(a, from->aliases, &good);
            rows[i].api = tamar__client_copy(a, from->api ? from->api : "openai-chat", &good);
            rows[i].base_url = tamar__client_copy(a, from->base_url, &good);
            rows[i].key_env = tamar__client_copy(a, from->key_env, &good);
            rows[i].base_url_env = tamar__client_copy(a, from->base_url_env, &good);
            rows[i].models = tamar__client_copy(a, from->models, &good);
            rows[i].family = tamar__client_copy(a, from->family, &good);
            rows[i].auth = tamar__client_copy(a, from->auth, &good);
            rows[i].headers = tamar__client_copy(a, from->headers, &good);
        }
        for (i = 0; i < table.row_count; i++) rows[d->provider_count++] = table.rows[i];
        d->providers = rows;
    }
    if (d->model_count + table.profile_count) {
        tamar_model_profile *rows =
            (tamar_model_profile *)tamar__arena_get(a, (d->model_count + table.profile_count) * sizeof *rows);
        if (!rows) return tamar__base_no_memory();
        for (i = 0; i < d->model_count; i++) {
            rows[i] = d->models[i];
            rows[i].family = tamar__client_copy(a, rows[i].family, &good);
            rows[i].models = tamar__client_copy(a, rows[i].models, &good);
            rows[i].instead = tamar__client_copy(a, rows[i].instead, &good);
        }
        for (i = 0; i < table.profile_count; i++) rows[d->model_count++] = table.profiles[i];
        d->models = rows;
    }
    tamar__call_timeouts(&d->timeouts, &d->timeouts, &d->timeouts, false);
    if (d->timeouts.first_byte_ms < 0) d->timeouts.first_byte_ms = 0;  // its default depends on the request
    if (!d->max_retries.set) d->max_retries.set = true, d->max_retries.value = 2;
    d->max_calls = tamar__client_int(d->max_calls, 16);
    if (d->max_calls > 65000) d->max_calls = 65000;
    d->max_connections = tamar__client_int(d->max_connections, d->max_calls > 64 ? d->max_calls : 64);
    if (d->max_connections > 65000) d->max_connections = 65000;
    d->max_idle_connections = d->max_idle_connections < 0 ? 0 : tamar__client_int(d->max_idle_connections, 8);
    d->idle_connection_ms = tamar__client_int(d->idle_connection_ms, 30000);
    d->max_header = tamar__client_size(d->max_header, 64 * 1024);
    d->max_event = tamar__client_size(d->max_event, 64u << 20);
    d->max_body = tamar__client_size(d->max_body, 64u << 20);
    d->receive_buffer = tamar__client_size(d->receive_buffer, d->memory ? 4096 : 64 * 1024);
    if (d->receive_buffer < 256) d->receive_buffer = 256;
    d->pump_budget = tamar__client_size(d->pump_budget, 128 * 1024);
    if (!d->clock.now_us) d->clock = tamar__os_clock();
    if (!d->random.fill) d->random = tamar__os_random();
    if (!d->environment.get) d->environment = tamar__os_environment();
    if (!d->log.level) d->log.level = TAMAR_LOG_WARNING;
    return good ? NULL : tamar__base_no_memory();
}

static tamar_client *tamar__client_failed(const tamar_desc *desc, tamar_category category, const char *message,
                                          const char *where)
{
    if (desc && desc->error) {
        memset(desc->error, 0, sizeof *desc->error);
        desc->error->category = category;
        desc->error->message = message;
        desc->error->code = desc->error->type = "";
        desc->error->param = where ? where : "";
        desc->error->request_id = desc->error->id = desc->error->origin_id = "";
    }
    return NULL;
}

// The built-in network, over the host's sockets or the system's. NULL, or what is missing.
static const char *tamar__client_network(tamar_client *c)
{
    tamar__net *n = &c->net;
    n->memory = &c->memory;
    n->log = &c->desc.log;
    n->clock = c->desc.clock;
    n->ca_file = c->desc.ca_file;
    n->user_agent = c->desc.user_agent;
    n->max_conns = (size_t)c->desc.max_connections;
    n->max_idle = (size_t)c->desc.max_idle_connections;
    n->max_idle_us = (uint64_t)c->desc.idle_connection_ms * 1000;
    n->max_header = c->desc.max_header;
    n->sockets = c->desc.sockets;
    n->tls = c->desc.tls;
    if (!n->tls.start) n->tls_system = &c->tls;
    if (!n->sockets.connect) {
        c->os = tamar__os_open(&c->memory, !c->desc.memory && !TAMAR_NO_THREADS);
        if (!c->os)
            return TAMAR_NO_SOCKETS
                       ? "this build has no sockets (TAMAR_NO_SOCKETS): set desc.transport or desc.sockets"
                       : tamar__base_no_memory();
        n->sockets = tamar__os_sockets(c->os);
        n->all_in_one = tamar__os_all_in_one();
    }
    n->buffer_size = c->desc.receive_buffer;
    n->buffer = (char *)tamar__base_resize(&c->memory, NULL, 0, n->buffer_size);
    if (!n->buffer) return tamar__base_no_memory();
    c->own_net = true;
    c->transport.start = tamar__net_start;
    c->transport.cancel = tamar__net_cancel;
    c->transport.pump = tamar__net_pump;
    c->transport.poll_fds = tamar__net_poll_fds;
    c->transport.wake = tamar__net_wake;
    c->transport.user_data = n;
    return NULL;
}

TAMAR_API tamar_client *tamar_open_sized(const tamar_desc *desc, size_t desc_size, int abi)
{
    tamar__base_memory m;
    tamar__arena_pool pool;
    tamar_client *c;
    tamar_desc empty;
    const char *bad = NULL, *where = NULL;
    if (desc_size != sizeof *desc || abi != TAMAR_ABI)
        return desc_size == sizeof *desc
                   ? tamar__client_failed(desc, TAMAR_CONFIG, "tamar_llm.h was compiled in two versions", NULL)
                   : NULL;
    memset(&empty, 0, sizeof empty);
    if (!desc) desc = &empty;
    c = (tamar_client *)tamar__client_memory(&m, &pool, &desc->allocator, desc->memory, desc->memory_size, sizeof *c);
    if (!c)
        return tamar__client_failed(desc, TAMAR_NOMEM,
                                    desc->memory ? "desc.memory is too small for a client" : "memory is out", NULL);
    c->memory = m;
    c->pool = pool;
    if (desc->memory) c->memory.allocator.user_data = &c->pool;
    c->desc = *desc;
    c->next_due_us = UINT64_MAX;
    c->sink.phase = tamar__call_on_phase;
    c->sink.status = tamar__call_on_status;
    c->sink.header = tamar__call_on_header;
    c->sink.body = tamar__call_on_body;
    c->sink.end = tamar__call_on_end;
    tamar__arena_init(&c->arena, &c->memory, 512);
    bad = tamar__client_resolve(&c->desc, &c->arena, &where);
    c->desc.api_key = NULL;
    if (!bad && desc->api_key) {
        c->api_key = tamar__arena_copy(&c->arena, desc->api_key, strlen(desc->api_key));
        if (!c->api_key) bad = tamar__base_no_memory();
    }
    if (!bad) {
        c->slot_count = (uint32_t)c->desc.max_calls;
        c->slots = (tamar__call_slot *)tamar__base_resize(&c->memory, NULL, 0, c->slot_count * sizeof *c->slots);
        c->refusals = (tamar__call_refusal *)tamar__base_resize(&c->memory, NULL, 0,
                                                                TAMAR__CALL_REFUSALS * sizeof *c->refusals);
        if (!c->slots || !c->refusals) bad = tamar__base_no_memory();
        if (c->slots) memset(c->slots, 0, c->slot_count * sizeof *c->slots);
        if (c->refusals) memset(c->refusals, 0, TAMAR__CALL_REFUSALS * sizeof *c->refusals);
        c->refusal_cap = c->refusals ? TAMAR__CALL_REFUSALS : 0;
    }
    if (!bad) {
        c->transport = c->desc.transport;
        if (!c->transport.start) bad = tamar__client_network(c);
        else if (!c->transport.cancel) bad = "desc.transport needs a cancel function";
    }
    if (bad) {
        tamar_category category = bad == tamar__base_no_memory() ? TAMAR_NOMEM : TAMAR_CONFIG;
        tamar_close(c);
        return tamar__client_failed(desc, category, bad, where);
    }
    c->memory.keeps = !c->desc.memory;
    tamar__call_now(c);
    return c;
}

TAMAR_API void tamar_close(tamar_client *client)
{
    tamar__base_memory m;
    tamar__arena_pool pool;
    tamar_client *c = client;
    uint32_t i;
    if (!c) return;
    if (c->pumping) {
        tamar_call none;
        none.id = 0;
        tamar__log_write(&c->desc.log, TAMAR__LOG_PUMP_REFUSED, none, NULL, 0, tamar__str_make("", 0));
        return;
    }
    for (i = 0; c->slots && i < c->slot_count; i++)
        if (c->slots[i].state != TAMAR__CALL_FREE) tamar__call_release(c, &c->slots[i]);
    tamar__net_free(&c->net);
    if (c->tls) tamar__tls_close(c->tls);
    if (c->os) tamar__os_close(c->os);
    if (c->slots) tamar__base_resize(&c->memory, c->slots, c->slot_count * sizeof *c->slots, 0);
    if (c->refusals) tamar__base_resize(&c->memory, c->refusals, c->refusal_cap * sizeof *c->refusals, 0);
    if (c->api_key) tamar__base_wipe(c->api_key, strlen(c->api_key));
    tamar__arena_free(&c->arena);
    tamar__base_flush(&c->memory);
    c->memory.keeps = false;
    m = c->memory;
    pool = c->pool;
    if (m.allocator.resize == tamar__arena_pool_resize) m.allocator.user_data = &pool;
    tamar__base_resize(&m, c, sizeof *c, 0);
}

TAMAR_API tamar_call tamar_send(tamar_client *client, const tamar_request *request)
{
    tamar_call none;
    none.id = 0;
    if (!client) return none;
    if (!client->pumping) tamar__call_now(client);
    if (!request) return tamar__call_refuse(client, NULL, tamar__call_constant(TAMAR_BAD_REQUEST));
    return tamar__call_send(client, request);
}

TAMAR_API bool tamar_pump(tamar_client *client, int wait_ms)
{
    if (!client) return false;
    if (client->pumping) {
        tamar_call none;
        none.id = 0;
        tamar__log_write(&client->desc.log, TAMAR__LOG_PUMP_REFUSED, none, NULL, 0, tamar__str_make("", 0));
        return true;
    }
    return tamar__call_pump(client, wait_ms, false);
}

TAMAR_API bool tamar_next_event(tamar_client *client, tamar_event *event)
{
    return client && event && tamar__call_next_event(client, event);
}

TAMAR_API const tamar_response *tamar_result(tamar_client *client, tamar_call call)
{
    const tamar__call_slot *s = tamar__call_of(client, call);
    const tamar__call_refusal *r = tamar__call_refusal_of(client, call);
    if (s) return s->state == TAMAR__CALL_FINISHED ? s->response : NULL;
    return r ? r->response : NULL;
}

TAMAR_API void tamar_cancel(tamar_client *client, tamar_call call)
{
    tamar__call_slot *s = tamar__call_of(client, call);
    if (!s || s->state == TAMAR__CALL_FINISHED) return;
    if (!client->pumping) tamar__call_now(client);
    tamar__call_abort(client, s, TAMAR_CANCELLED, "the call was cancelled");
}

TAMAR_API void tamar_cancel_all(tamar_client *client, uint32_t group)
{
    uint32_t i;
    for (i = 0; client && i < client->slot_count; i++) {
        tamar__call_slot *s = &client->slots[i];
        if (s->state != TAMAR__CALL_FREE && !s->zombie && (!group || s->group == group))
            tamar_cancel(client, tamar__call_handle(client, s));
    }
}

TAMAR_API void tamar_release(tamar_client *client, tamar_call call)
{
    tamar__call_slot *s = tamar__call_of(client, call);
    tamar__call_refusal *r = tamar__call_refusal_of(client, call);
    if (s) tamar__call_release(client, s);
    else if (r) {
        if (!r->told) client->refusal_dirty--;
        r->used = false;
        client->refusal_count--;
    }
}

// A response that owns its memory.
typedef struct tamar__client_owned {
    tamar_response response;  // first
    tamar__arena arena;
} tamar__client_owned;

TAMAR_API tamar_response *tamar_chat(tamar_client *client, const tamar_request *request)
{
    const tamar_response *constant = NULL;
    tamar__call_slot *s = NULL;
    tamar__client_owned *owned;
    tamar_request rq;
    tamar_call call;
    if (!client) constant = tamar__call_constant(TAMAR_CONFIG);
    else if (client->pumping) constant = tamar__call_constant(TAMAR_OK);
    else if (!request) constant = tamar__call_constant(TAMAR_BAD_REQUEST);
    if (constant) return (tamar_response *)(uintptr_t)constant;
    rq = *request;
    call = tamar_send(client, &rq);
    s = tamar__call_of(client, call);
    if (!s) {
        constant = tamar_result(client, call);
        tamar_release(client, call);
        if (!constant) constant = tamar__call_constant(TAMAR_LOCAL_LIMIT);
        return (tamar_response *)(uintptr_t)constant;
    }
    while (s->state != TAMAR__CALL_FINISHED) {
        tamar__call_pump(client, -1, true);
        if (tamar__call_of(client, call) != s)
            return (tamar_response *)(uintptr_t)tamar__call_constant(TAMAR_LOCAL_LIMIT);
    }
    if (s->deliver_inside && !s->told_finish) tamar__call_pump(client, 0, true);  // it was over before the first pump
    owned = (tamar__client_owned *)tamar__arena_get(&s->arena, sizeof *owned);
    if (!owned) {
        tamar__call_release(client, s);
        return (tamar_response *)(uintptr_t)tamar__call_constant(TAMAR_NOMEM);
    }
    owned->response = *s->response;
    owned->arena = s->arena;
    memset(&s->arena, 0, sizeof s->arena);
    s->arena.memory = &client->memory;
    tamar__call_release(client, s);
    return &owned->response;
}

TAMAR_API void tamar_response_free(tamar_response *response)
{
    const tamar_response *constant = tamar__call_constant(TAMAR_NOMEM), *end = constant + TAMAR__CALL_CONSTANTS;
    tamar__arena arena;
    if (!response) return;
    for (; constant < end; constant++)
        if (response == constant) return;
    arena = ((tamar__client_owned *)(void *)response)->arena;
    tamar__arena_free(&arena);
}

TAMAR_API int tamar_poll_fds(tamar_client *client, tamar_poll_fd *out, int cap, int *timeout_ms)
{
    int count = 0, timeout = -1, own = -1;
    if (!client) {
        if (timeout_ms) *timeout_ms = -1;
        return 0;
    }
    tamar__call_now(client);
    if (client->transport.poll_fds)
        count = client->transport.poll_fds(client->transport.user_data, out, cap, &timeout);
    own = client->queue || tamar__call_undelivered(client) ? 0 : tamar__call_patience(client, -1);
    if (own >= 0 && (timeout < 0 || own < timeout)) timeout = own;
    if (timeout_ms) *timeout_ms = timeout;
    return count;
}

TAMAR_API void tamar_wake(tamar_client *client)
{
    if (client && client->transport.wake) client->transport.wake(client->transport.user_data);
}

TAMAR_API tamar_memory_stats tamar_memory(const tamar_client *client)
{
    tamar_memory_stats s;
    memset(&s, 0, sizeof s);
    if (!client) return s;
    s.used = client->memory.used;
    s.peak = client->desc.memory ? (size_t)(client->pool.high - client->pool.begin) : client->memory.peak;
    s.allocations = client->memory.calls;
    return s;
}

TAMAR_API const tamar_desc *tamar_description(const tamar_client *client) { return client ? &client->desc : NULL; }

// -- providers -------------------------------------------------------------------------------------

static const tamar_desc *tamar__client_desc(const tamar_client *client) { return client ? &client->desc : NULL; }

TAMAR_API const tamar_provider *tamar_provider_at(const tamar_client *client, size_t index)
{
    const tamar_desc *d = tamar__client_desc(client);
    return tamar__model_row_at(d ? d->providers : NULL, d ? d->provider_count : 0, index);
}

TAMAR_API size_t tamar_provider_count(const tamar_client *client)
{
    size_t n = 0;
    while (tamar_provider_at(client, n)) n++;
    return n;
}

TAMAR_API const tamar_provider *tamar_provider_named(const tamar_client *client, const char *name)
{
    const tamar_desc *d = tamar__client_desc(client);
    return tamar__model_provider(d ? d->providers : NULL, d ? d->provider_count : 0, tamar__str_z(name));
}

TAMAR_API bool tamar_provider_enabled(const tamar_client *client, const char *name)
{
    const tamar_provider *p = tamar_provider_named(client, name);
    return p && !(client && tamar__model_listed(client->desc.providers_off, tamar__str_z(p->name)));
}

TAMAR_API bool tamar_provider_enable(tamar_client *client, const char *name, bool on)
{
    const tamar_provider *p = tamar_provider_named(client, name);
    const char *list;
    tamar__str_buf b;
    if (!client || !p) return false;
    tamar__str_init(&b, &client->arena, SIZE_MAX / 2);
    tamar__str_put(&b, "", 0);
    for (list = client->desc.providers_off; list && *list;) {  // all that were off but this one
        size_t n = strcspn(list, ",");
        if (!tamar__model_glob(list, n, tamar__str_z(p->name))) {
            if (b.len) tamar__str_putc(&b, ',');
            tamar__str_put(&b, list, n);
        }
        list += n + (list[n] ? 1 : 0);
    }
    if (!on) {
        if (b.len) tamar__str_putc(&b, ',');
        tamar__str_puts(&b, p->name);
    }
    if (b.full || (b.len && !b.ptr)) {
        tamar__str_free(&b);
        return false;
    }
    if (client->off.ptr) tamar__str_free(&client->off);
    client->off = b;
    client->desc.providers_off = b.len ? b.ptr : NULL;
    return true;
}

TAMAR_API bool tamar_model_capabilities(const tamar_client *client, const char *model, tamar_capabilities *out)
{
    tamar_desc none;
    const tamar_desc *d = tamar__client_desc(client);
    tamar__model_target t;
    uint64_t flags, quirks;
    if (!out) return false;
    memset(out, 0, sizeof *out);
    if (!d) {
        memset(&none, 0, sizeof none);
        d = &none;
    }
    if (tamar__model_resolve(d, tamar__str_z(model), d->base_url != NULL, true, &t)) return false;
    flags = t.profile->flags;
    quirks = t.provider->quirks;
    out->provider = t.provider;
    out->model = t.model.ptr;
    out->instead = t.profile->instead;
    out->enabled = !tamar__model_listed(d->providers_off, tamar__str_z(t.provider->name));
    out->known = t.profile->family != NULL;
    out->tools = !(quirks & TAMAR_QUIRK_NO_TOOLS);
    out->forced_tools = out->tools && !(flags & (TAMAR_MODEL_NO_FORCED_TOOL | TAMAR_MODEL_TOOL_AUTO));
    out->parallel_tools = out->tools && !(quirks & TAMAR_QUIRK_NO_PARALLEL);
    out->images = !(flags & TAMAR_MODEL_NO_IMAGES);
    out->schema = !(quirks & TAMAR_QUIRK_NO_SCHEMA || flags & TAMAR_MODEL_NO_SCHEMA);
    out->json_mode = !(flags & TAMAR_MODEL_NO_JSON_MODE);
    out->sampling = !(flags & TAMAR_MODEL_NO_SAMPLING);
    out->seed = !(quirks & TAMAR_QUIRK_NO_SEED);
    out->stop = !(quirks & TAMAR_QUIRK_NO_STOP || flags & TAMAR_MODEL_NO_STOP);
    out->efforts = t.profile->efforts;
    out->reasoning = flags & TAMAR_MODEL_REASONS || out->efforts & ~(uint32_t)TAMAR__MODEL_OFF;
    out->max_tokens = t.profile->max_tokens;
    return true;
}

TAMAR_API void tamar_exchange_phase(tamar_exchange exchange, tamar_phase phase)
{
    tamar__net_sink *sink = (tamar__net_sink *)exchange.owner;
    if (sink) sink->phase(sink, exchange.id, phase);
}

TAMAR_API void tamar_exchange_status(tamar_exchange exchange, int status)
{
    tamar__net_sink *sink = (tamar__net_sink *)exchange.owner;
    if (sink) sink->status(sink, exchange.id, status);
}

TAMAR_API void tamar_exchange_header(tamar_exchange exchange, tamar_str name, tamar_str value)
{
    tamar__net_sink *sink = (tamar__net_sink *)exchange.owner;
    if (sink) sink->header(sink, exchange.id, name, value);
}

TAMAR_API size_t tamar_exchange_body(tamar_exchange exchange, const void *data, size_t len)
{
    tamar__net_sink *sink = (tamar__net_sink *)exchange.owner;
    return sink ? sink->body(sink, exchange.id, (const char *)data, len) : len;
}

TAMAR_API void tamar_exchange_end(tamar_exchange exchange, tamar_category category, const char *message, bool reused,
                                  size_t bytes_sent)
{
    tamar__net_sink *sink = (tamar__net_sink *)exchange.owner;
    if (sink) sink->end(sink, exchange.id, category, message,
                        category == TAMAR_OK                                      ? TAMAR__NET_CLEAN
                        : category == TAMAR_RESET && reused && bytes_sent == 0 ? TAMAR__NET_STALE
                                                                               : TAMAR__NET_CUT,
                        reused, bytes_sent);
}

// -- serialise only --------------------------------------------------------------------------------

typedef struct tamar__client_encoding {
    tamar_encoded encoded;  // first
    tamar__base_memory memory;
    tamar__arena_pool pool;
    tamar__arena arena;
    tamar__call_work *work;
} tamar__client_encoding;

static const tamar_encoded *tamar__client_no_encoding(void)
{
    static const tamar_encoded none = {
        { "POST", { "", 0 }, NULL, 0, { "", 0 }, 0 }, NULL, 0,
        { TAMAR_NOMEM, TAMAR_PHASE_NONE, 0, "memory is out", "", "", "", "", "", "", 0, true, false, { false, 0 } }
    };
    return &none;
}

TAMAR_API tamar_encoded *tamar_encode(const tamar_desc *desc, const tamar_request *request)
{
    tamar__base_memory m;
    tamar__arena_pool pool;
    tamar_desc d;
    tamar__client_encoding *e;
    tamar__call_work *w;
    const char *bad = NULL, *where = NULL;
    memset(&d, 0, sizeof d);
    if (desc) d = *desc;
    e = (tamar__client_encoding *)tamar__client_memory(&m, &pool, &d.allocator, d.memory, d.memory_size, sizeof *e);
    if (!e) return (tamar_encoded *)(uintptr_t)tamar__client_no_encoding();
    e->memory = m;
    e->pool = pool;
    if (d.memory) e->memory.allocator.user_data = &e->pool;
    tamar__arena_init(&e->arena, &e->memory, 1024);
    w = (tamar__call_work *)tamar__arena_get(&e->arena, sizeof *w);
    if (w) bad = tamar__client_resolve(&d, &e->arena, &where);
    if (!w || bad == tamar__base_no_memory()) {
        tamar_encoded_free(&e->encoded);
        return (tamar_encoded *)(uintptr_t)tamar__client_no_encoding();
    }
    e->work = w;
    tamar__arena_init(&w->request, &e->memory, 1024);
    tamar__dialect_init(&w->d, tamar__dialect_named(tamar__str_z("openai-chat")), &e->arena, false, d.max_event,
                        d.max_body);
    if (!bad)
        bad = request ? tamar__call_prepare(&d, d.api_key, request, w, &e->arena, NULL, true) : "the request is NULL";
    if (bad) {
        w->d.status = 0;
        tamar__dialect_fail(&w->d, bad == tamar__base_no_memory() ? TAMAR_NOMEM : TAMAR_CONFIG, bad);
    }
    e->encoded.error = w->d.error;
    if (where) e->encoded.error.param = where;
    e->encoded.http = w->http;
    if (!e->encoded.http.method) e->encoded.http.method = "POST";
    e->encoded.warnings = w->d.notes.list;
    e->encoded.warning_count = w->d.notes.count;
    if (w->secret.len) tamar__base_wipe((char *)(uintptr_t)w->secret.ptr, w->secret.len);
    if (w->token.len) tamar__base_wipe((char *)(uintptr_t)w->token.ptr, w->token.len);
    return &e->encoded;
}

TAMAR_API void tamar_encoded_free(tamar_encoded *encoded)
{
    tamar__client_encoding *e = (tamar__client_encoding *)(void *)encoded;
    tamar__base_memory m;
    tamar__arena_pool pool;
    size_t i;
    if (!encoded || encoded == tamar__client_no_encoding()) return;
    for (i = 0; i < encoded->http.header_count; i++)
        if (encoded->http.headers[i].secret)
            tamar__base_wipe((char *)(uintptr_t)encoded->http.headers[i].value.ptr,
                             encoded->http.headers[i].value.len);
    if (e->work) tamar__call_wipe(e->work);
    tamar__arena_free(&e->arena);
    m = e->memory;
    pool = e->pool;
    if (m.allocator.resize == tamar__arena_pool_resize) m.allocator.user_data = &pool;
    tamar__base_resize(&m, e, sizeof *e, 0);
}

#ifdef __cplusplus
}
#endif
#endif  // TAMAR_IMPLEMENTATION

#ifdef TAMAR__INSIDE_LLM
#undef TAMAR__INSIDE_LLM
#undef TAMAR_IMPLEMENTATION
#undef TAMAR__ASKED_HERE
#ifdef TAMAR__FEATURES
#undef _GNU_SOURCE
#endif
#endif

/* ------------------------------------------------------------------------------------------------
   VERSIONS
       0.1.0   first light

   LICENCE
   This software is available under two licences; choose whichever you prefer.
   ------------------------------------------------------------------------------------------------
   ALTERNATIVE A - MIT License
   Copyright (c) 2026 The Tamar authors
   Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
   associated documentation files (the "Software"), to deal in the Software without restriction,
   including without limitation the rights to use, copy, modify, merge, publish, distribute,
   sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
   furnished to do so, subject to the following conditions:
   The above copyright notice and this permission notice shall be included in all copies or
   substantial portions of the Software.
   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
   NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
   NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
   DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
   OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
   ------------------------------------------------------------------------------------------------
   ALTERNATIVE B - Public Domain (www.unlicense.org)
   This is free and unencumbered software released into the public domain.
   Anyone is free to copy, modify, publish, use, compile, sell, or distribute this software, either in
   source code form or as a compiled binary, for any purpose, commercial or non-commercial, and by any
   means.
   In jurisdictions that recognize copyright laws, the author or authors of this software dedicate any
   and all copyright interest in the software to the public domain. We make this dedication for the
   benefit of the public at large and to the detriment of our heirs and successors. We intend this
   dedication to be an overt act of relinquishment in perpetuity of all present and future rights to
   this software under copyright law.
   THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
   NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
   NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
   WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
   SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
   ------------------------------------------------------------------------------------------------ */
