// A unity build at its worst: system headers came first, and others' macros are in force. Only compiled.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>
#include <errno.h>
#include <time.h>
#include <sys/types.h>
#ifndef _WIN32
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>
#endif

// windows.h
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define near
#define far
#define small char
#define interface struct
#define IN
#define OUT
#define ERROR 0
#define DELETE 0x00010000L
#define CONST const
#define NO_ERROR 0L
// X11
#define None 0L
#define Status int
#define Bool int
#define Success 0
#define Always 2
#define True 1
#define False 0
// habits
#define countof(a) (sizeof(a) / sizeof *(a))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof *(a))
#define LIKELY(x) (x)
#define UNUSED(x) (void)(x)
#define STR(x) #x
#define ALIGN 16
#define KB 1024
#define OK 0
#define FAIL -1

#define TAMAR_IMPLEMENTATION
#include "tamar_llm.h"

#ifdef TAMAR_IMPLEMENTATION
#error "TAMAR_IMPLEMENTATION is still defined"
#endif
#if !defined(min) || !defined(max) || !defined(None) || !defined(ERROR) || !defined(ALIGN) || !defined(STR)
#error "a macro of the program was taken away"
#endif
