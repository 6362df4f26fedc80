// A game's loop: text appears while it is written, and no frame waits for it, since tamar_pump(llm, 0)
// only does what is due. cc -I. examples/stream.c -o stream && OPENAI_API_KEY=... ./stream "Tell a story."
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <stdio.h>
#include <time.h>

// Stands for 16 ms of drawing.
static void draw(void)
{
#ifdef _WIN32
    Sleep(16);
#else
    nanosleep(&(struct timespec){ .tv_nsec = 16000000 }, NULL);
#endif
}

int main(int argc, char **argv)
{
    const char *prompt = argc > 1 ? argv[1] : "Tell a story in five sentences.";
    const char *model = argc > 2 ? argv[2] : "openai/gpt-6-sol";
    int status = 0, frames = 0;

    tamar_client *llm = tamar_open(NULL);
    tamar_send(llm, &(tamar_request){ .model = model, .prompt = prompt, .stream = true });
    for (bool running = true; running; frames++) {
        tamar_pump(llm, 0);
        for (tamar_event e; tamar_next_event(llm, &e); ) {
            if (e.type == TAMAR_EVENT_TEXT) fwrite(e.text.ptr, 1, e.text.len, stdout);
            if (e.finished) {
                if (e.error.category) printf("\n%s", e.error.message);
                status = e.error.category ? 1 : 0;
                running = false;
            }
        }
        fflush(stdout);
        draw();
    }
    printf("\n(%d frames)\n", frames);
    tamar_close(llm);
    return status;
}
