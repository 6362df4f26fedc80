// For targets without a certificate store: turns a bundle of root certificates into a C header, whose bytes go into
// desc.ca. With names behind the file, only certificates that hold one of them are taken; each root costs about 1 KB.
// cc examples/roots.c -o roots && ./roots /etc/ssl/certs/ca-certificates.crt "ISRG Root X1" "GTS Root R1" > roots.h
//   #include "roots.h"
//   desc.ca = (tamar_str){ (const char *)tamar_roots, sizeof tamar_roots };
#include <stdio.h>
#include <string.h>

static int six(int c)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

static int holds(const unsigned char *der, size_t len, const char *name)
{
    size_t n = strlen(name), i;
    for (i = 0; i + n <= len; i++)
        if (memcmp(der + i, name, n) == 0) return 1;
    return 0;
}

int main(int argc, char **argv)
{
    static unsigned char der[16384];
    char line[1024];
    FILE *f = argc > 1 ? fopen(argv[1], "r") : NULL;
    size_t len = 0, total = 0, i;
    unsigned v = 0, bits = 0, count = 0;
    int inside = 0, k;
    if (!f) {
        fprintf(stderr, "usage: roots BUNDLE.pem [NAME]... > roots.h\n");
        return 1;
    }
    printf("// Root certificates in DER, one behind the other, for desc.ca.\nstatic const unsigned char tamar_roots[] = {\n");
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "-----BEGIN CERTIFICATE-----", 27) == 0) {
            inside = 1;
            len = 0;
            v = bits = 0;
        }
        else if (strncmp(line, "-----END CERTIFICATE-----", 25) == 0 && inside) {
            int wanted = argc < 3;
            inside = 0;
            for (k = 2; k < argc; k++) wanted |= holds(der, len, argv[k]);
            if (!wanted || !len) continue;
            for (i = 0; i < len; i++) printf("%s%u,", i % 24 ? "" : "\n    ", der[i]);
            count++;
            total += len;
        }
        else if (inside)
            for (i = 0; line[i]; i++) {
                int s = six(line[i]);
                if (s < 0) continue;
                v = (v << 6 | (unsigned)s) & 0xFFFF;
                bits += 6;
                if (bits < 8) continue;
                bits -= 8;
                if (len == sizeof der) return fprintf(stderr, "roots: a certificate is longer than 16 KB\n"), 1;
                der[len++] = (unsigned char)(v >> bits & 0xFF);
            }
    }
    fclose(f);
    printf("\n};  // %u certificates, %lu bytes\n", count, (unsigned long)total);
    if (!count) fprintf(stderr, "roots: no certificate found\n");
    return count == 0;
}
