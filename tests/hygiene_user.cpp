// What a C++ program writes: no designated initialisers, no compound literals, enumerators of an enum type.
#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"
#include <cstring>

static void log_write(void *, const tamar_log_record *) {}

int main()
{
    tamar_desc desc = tamar_desc();
    desc.base_url = "http://127.0.0.1:9/v1";
    desc.max_retries = tamar_int(0);
    desc.timeouts.total_ms = 2000;
    desc.log.write = log_write;
    tamar_client *llm = tamar_open(&desc);
    if (!llm) return 2;

    tamar_request request = tamar_request();
    tamar_part parts[2] = {tamar_text_part("What is this?"), tamar_image_part("https://example.com/a.png")};
    tamar_message message = tamar_message();
    message.role = TAMAR_ROLE_USER;
    message.parts = parts;
    message.part_count = 2;
    request.model = "any";
    request.messages = &message;
    request.message_count = 1;
    request.temperature = tamar_double(0);

    tamar_encoded *encoded = tamar_encode(&desc, &request);
    bool good = encoded->error.category == TAMAR_OK && std::strcmp(encoded->http.method, "POST") == 0;
    tamar_encoded_free(encoded);

    request.stream = true;
    tamar_call call = tamar_send(llm, &request);
    bool finished = false;
    for (int i = 0; i < 1000 && tamar_pump(llm, 10); i++)
        for (tamar_event e; tamar_next_event(llm, &e);)
            if (e.finished) finished = e.error.category != TAMAR_OK;  // nobody listens on port 9
    tamar_release(llm, call);
    tamar_close(llm);
    return good && finished ? 0 : 1;
}
