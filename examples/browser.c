// A page's frame loop: an answer appears while it is written, and the page stays alive meanwhile.
//     emcc -I. examples/browser.c -o browser.html && python3 -m http.server
// and open http://localhost:8000/browser.html#model=ollama/qwen3&prompt=Name+one+river. What stands behind the # (also key=
// and base_url=) is not sent to the page's server. extras/tamar_fetch.h tells what a page can and cannot do.
#include <stdio.h>
#ifdef __EMSCRIPTEN__
#define TAMAR_NO_SOCKETS 1  // fetch does all of it
#define TAMAR_NO_TLS 1
#define TAMAR_NO_THREADS 1
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include "extras/tamar_fetch.h"

// The page: an answer's place, a line about how it went, and a button.
EM_JS(void, page_open, (void), {
    document.body.innerHTML =
        '<pre id="answer" style="white-space: pre-wrap"></pre><p id="state"></p><button>Stop</button>';
    document.querySelector("button").onclick = () => { Module.stopped = true; };
})
EM_JS(int, page_stopped, (void), { return Module.stopped ? 1 : 0; })
EM_JS(void, page_text, (const char *ptr, size_t len), {
    document.getElementById("answer").append(new TextDecoder().decode(HEAPU8.slice(ptr, ptr + len)));
})
EM_JS(void, page_state, (const char *ptr, size_t len), {
    document.getElementById("state").textContent = new TextDecoder().decode(HEAPU8.slice(ptr, ptr + len));
})
// What the address says behind its #: name=value&...
EM_JS(void, page_value, (const char *name, char *out, size_t cap), {
    const key = new TextDecoder().decode(HEAPU8.slice(name, HEAPU8.indexOf(0, name)));
    const value = new TextEncoder().encode(new URLSearchParams(location.hash.slice(1)).get(key) || "");
    HEAPU8.set(value.subarray(0, cap - 1), out);
    HEAPU8[out + Math.min(value.length, cap - 1)] = 0;
})

static tamar_client *llm;
static tamar_call call;
static tamar_fetch *fetch;
static int frames;

static void finish(const tamar_event *e)
{
    char line[512];
    int n = snprintf(line, sizeof line, "%s (%d frames)", e->error.category ? e->error.message : "done", frames);
    page_state(line, n < (int)sizeof line ? (size_t)n : sizeof line - 1);
    tamar_close(llm);
    tamar_fetch_close(fetch);
    emscripten_cancel_main_loop();
}

static void frame(void)
{
    frames++;
    if (page_stopped()) tamar_cancel(llm, call);
    tamar_pump(llm, 0);
    for (tamar_event e; tamar_next_event(llm, &e); ) {
        if (e.type == TAMAR_EVENT_TEXT) page_text(e.text.ptr, e.text.len);
        if (e.finished) {
            finish(&e);
            return;
        }
    }
}

int main(void)
{
    char base_url[256], key[256], model[128], prompt[4096];
    page_open();
    page_value("base_url", base_url, sizeof base_url);
    page_value("key", key, sizeof key);
    page_value("model", model, sizeof model);
    page_value("prompt", prompt, sizeof prompt);
    fetch = tamar_fetch_open();
    tamar_desc desc = { .api_key = key[0] ? key : NULL };
    desc.transport = tamar_fetch_transport(fetch);
    llm = tamar_open(&desc);
    tamar_request request = { .model = model[0] ? model : "ollama/qwen3", .stream = true };
    request.prompt = prompt[0] ? prompt : "Tell a story in five sentences.";
    request.base_url = base_url[0] ? base_url : NULL;
    call = tamar_send(llm, &request);
    emscripten_set_main_loop(frame, 0, false);  // once for each frame that the browser draws
    return 0;
}
#else
int main(void) { return puts("this one is for a browser: emcc -I. examples/browser.c -o browser.html"), 1; }
#endif
