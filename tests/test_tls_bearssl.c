// test_tls.c with BearSSL as the backend. The Makefile defines HAVE_BEARSSL where its header and library are found.
#if HAVE_BEARSSL
#define TAMAR_TLS_BEARSSL 1
#include "test_tls.c"
#else
#include "test.h"
int main(void)
{
    test_skip("all of TLS by BearSSL", "no bearssl.h and libbearssl here");
    return test_done();
}
#endif
