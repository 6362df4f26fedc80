// Asks a local OpenAI-compatible server for its first model: what `make demo` uses to find one, since curl may be missing.
//     probe PORT       prints the model's name; exit 0: found, 1: nobody listens, 2: it answers, but offers no model
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#define TAMAR_IMPLEMENTATION
#include "tamar_llm_json.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    static const char request[] = "GET /v1/models HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    static char reply[1 << 20], name[256];
    struct timeval limit = {2, 0};
    struct sockaddr_in address;
    size_t len = 0;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)atoi(argc > 1 ? argv[1] : "11434"));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    int s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0) return 1;
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(s, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    if (send(s, request, sizeof request - 1, 0) != (ssize_t)(sizeof request - 1)) return 1;
    for (ssize_t n; len < sizeof reply - 1 && (n = recv(s, reply + len, sizeof reply - 1 - len, 0)) > 0;) len += (size_t)n;
    close(s);
    if (strncmp(reply, "HTTP/1.", 7) != 0) return 1;

    // A server that sends chunks all the same hides the list between two sizes: look for the braces.
    const char *begin = strchr(reply, '{'), *end = strrchr(reply, '}');
    tamar_json list, id;
    if (!begin || !end || !tamar_json_parse(begin, (size_t)(end + 1 - begin), &list, NULL)) return 2;
    id = tamar_json_at(list, "data/0/id");
    if (tamar_json_get_string(id, name, sizeof name, NULL) != TAMAR_JSON_OK) return 2;
    puts(name);
    return 0;
}
