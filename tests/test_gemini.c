// Google's dialects, both ways: gemini-generate, gemini-images, gemini-embeddings, gemini-models, gemini-count-tokens.
// Requests: golden bytes, written from the vendor's documents, each encoded twice, with each allocation failing in turn.
// Answers: one case a known trap, each decoded whole, byte by byte, at every split and with each allocation failing, as
// an event stream, as one JSON array and as a document. An argument runs only the case of that name. ' stands for ".
#define API "gemini-generate"
#include "dialect.h"

#define GOLDEN_HASH UINT64_C(0x7878e1fd771d174f)  // of all golden bodies, in order

#define G(json) "data: " json "\r\n\r\n"  // as Google frames it
#define PARTS(list) "{'candidates':[{'content':{'role':'model','parts':[" list "]},'index':0}]}"
#define LAST(list, word) "{'candidates':[{'content':{'role':'model','parts':[" list "]},'finishReason':'" word "','index':0}]}"
#define STOP G("{'candidates':[{'finishReason':'STOP','index':0}]}")

static input other(const char *api)
{
    input in = whole_body(200);
    in.api = api;
    return in;
}

static void check_document(const char *want, const char *body) { check_parts_of(whole_body(200), want, body); }

// == answers =======================================================================================

static void streams(void)
{
    CASE("event-stream")
    {
        STREAM("text=Hello; finish=stop(STOP); usage in 5 out 2 total 7",
               G("{'candidates':[{'content':{'role':'model','parts':[{'text':'Hel'}]},'index':0}],'usageMetadata':{'promptTokenCount':5,'totalTokenCount':5},'modelVersion':'m','responseId':'r'}")
               G("{'candidates':[{'content':{'role':'model','parts':[{'text':'lo'}]},'finishReason':'STOP','index':0}],'usageMetadata':{'promptTokenCount':5,'candidatesTokenCount':2,'totalTokenCount':7}}"));
        STREAM("text=Hi; finish=stop(STOP)", D(PARTS("{'text':'H'}")) D(PARTS("{'text':'i'}")) D("{'candidates':[{'finishReason':'STOP'}]}"));
    }
    CASE("array-stream")  // without alt=sse
    {
        STREAM("text=Hello; finish=stop(STOP); usage in 5 out 2 total 7",
               "[{\n  'candidates': [{'content': {'role': 'model', 'parts': [{'text': 'Hel'}]}}],\n  'usageMetadata': {'promptTokenCount': 5}\n}\n,\r\n"
               "{\n  'candidates': [{'content': {'parts': [{'text': 'lo'}]}, 'finishReason': 'STOP'}],\n"
               "  'usageMetadata': {'promptTokenCount': 5, 'candidatesTokenCount': 2, 'totalTokenCount': 7}\n}\n]\n");
        STREAM("text=a]},[\\'; finish=stop(STOP)", "[" PARTS("{'text':'a]},['}") "," LAST("{'text':'\\\\\\''}", "STOP") "]");  // brackets inside of strings
        STREAM("error=empty 200 retry", "[]");
    }
    CASE("array-streams-at-once")  // element by element, not only at the end
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        tamar_event e;
        bool heard = false;
        text b = { NULL, 0, 0 };
        memset(&desc, 0, sizeof desc);
        desc.api = API;
        desc.stream = true;
        d = tamar_decoder_open(&desc);
        add_json(&b, "[" PARTS("{'text':'Hel'}"));
        tamar_decoder_feed(d, b.ptr, b.len - 1);
        while (tamar_decoder_next_event(d, &e)) CHECK(e.type != TAMAR_EVENT_TEXT);
        tamar_decoder_feed(d, b.ptr + b.len - 1, 1);
        while (tamar_decoder_next_event(d, &e))
            if (e.type == TAMAR_EVENT_TEXT) {
                CHECK_STR(e.text, "Hel");
                heard = true;
            }
        CHECK(heard);
        tamar_decoder_close(d);
        drop(&b);
    }
    CASE("array-not-closed")
    {
        STREAM("text=Hi; finish=stop(STOP); error=truncated 200 retry", "[" LAST("{'text':'Hi'}", "STOP"));
        STREAM("text=Hi; error=truncated 200 retry", "[" PARTS("{'text':'Hi'}") ",{'candidates'");
        STREAM("text=Hi; error=truncated 200 retry", "[" PARTS("{'text':'Hi'}") "]");
    }
    CASE("array-closed-is-proof")  // of the end, whatever becomes of the connection
    {
        input in = streamed();
        in.cut = true;
        INPUT(in, "text=Hi; finish=stop(STOP)", "[" LAST("{'text':'Hi'}", "STOP") "]");
    }
    CASE("array-element-too-large")
    {
        input in = streamed();
        in.max_event = 100;
        INPUT(in, "text=Hi; error=limit 200", "[" PARTS("{'text':'Hi'}") "," PARTS("{'text':'a text that is far too long for one element'}") "]");
    }
    CASE("array-not-asked-for")
    {
        BODY("text=Hi; finish=stop(STOP)", "[" PARTS("{'text':'H'}") "," LAST("{'text':'i'}", "STOP") "]");
    }
    CASE("array-of-nonsense")
    {
        STREAM("text=Hi; error=parse 200 retry", "[" PARTS("{'text':'Hi'}") ",{'candidates':}]");
        STREAM("error=truncated 200 retry", "[1,'x',null]");
        STREAM("error=parse 200 retry", "[}]");
    }
    CASE("document-for-a-stream")
    {
        STREAM("text=Hi; finish=stop(STOP)", LAST("{'text':'Hi'}", "STOP"));
    }
    CASE("no-finish-is-truncated")
    {
        input in = streamed();
        STREAM("text=Hi; error=truncated 200 retry", G(PARTS("{'text':'Hi'}")));
        in.cut = true;
        INPUT(in, "text=Hi; finish=stop(STOP); error=truncated 200 retry", G(LAST("{'text':'Hi'}", "STOP")));
        STREAM("error=empty 200 retry", "");
    }
    CASE("done-of-a-gateway")
    {
        STREAM("text=Hi; finish=stop(STOP)", G(LAST("{'text':'Hi'}", "STOP")) "data: [DONE]\n\n");
    }
    CASE("after-the-finish")  // usage and sources may still come
    {
        STREAM("text=Hi; cite=https://a.b A; finish=stop(STOP); usage in 1 out 2 total 3",
               G(LAST("{'text':'Hi'}", "STOP"))
               G("{'candidates':[{'groundingMetadata':{'groundingChunks':[{'web':{'uri':'https://a.b','title':'A'}}]}}],'usageMetadata':{'promptTokenCount':1,'candidatesTokenCount':2,'totalTokenCount':3}}"));
    }
    CASE("error-in-the-stream")
    {
        STREAM("text=Hi; error=overloaded 200 code 503 type UNAVAILABLE retry", G(PARTS("{'text':'Hi'}")) G("{'error':{'code':503,'message':'overloaded','status':'UNAVAILABLE'}}"));
        STREAM("text=Hi; error=overloaded 200 type UNAVAILABLE retry", G(PARTS("{'text':'Hi'}")) G("{'error':{'message':'overloaded','status':'UNAVAILABLE'}}"));
        STREAM("text=Hi; error=rate 200 code 429 type RESOURCE_EXHAUSTED retry",
               "[" PARTS("{'text':'Hi'}") ",{'error':{'code':429,'message':'slow','status':'RESOURCE_EXHAUSTED'}}]");
    }
    CASE("snake-case")
    {
        STREAM("call ~ f {'a':1}; finish=tool_calls(STOP); usage in 1 out 2 total 3",
               G("{'candidates':[{'content':{'parts':[{'function_call':{'name':'f','args':{'a':1}}}]},'finish_reason':'STOP'}],"
                 "'usage_metadata':{'prompt_token_count':1,'candidates_token_count':2,'total_token_count':3}}"));
    }
    CASE("wrapped")
    {
        STREAM("text=Hi; finish=stop(STOP)", G("{'response':" LAST("{'text':'Hi'}", "STOP") "}"));
    }
    CASE("second-candidate")
    {
        BODY("text=a; finish=stop(STOP)", "{'candidates':[{'content':{'parts':[{'text':'b'}]},'index':1},{'content':{'parts':[{'text':'a'}]},'finishReason':'STOP','index':0}]}");
    }
}

static void parts(void)
{
    CASE("stop-with-calls")
    {
        STREAM("call k1 f {'a':1}; call k2 g {}; finish=tool_calls(STOP)",
               G(PARTS("{'functionCall':{'id':'k1','name':'f','args':{'a':1}}}")) G(PARTS("{'functionCall':{'id':'k2','name':'g'}}")) STOP);
        BODY("call ~ f {'a':1}; call ~ f {'a':2}; finish=tool_calls(STOP)", LAST("{'functionCall':{'name':'f','args':{'a':1}}},{'functionCall':{'name':'f','args':{'a':2}}}", "STOP"));
    }
    CASE("arguments-missing")
    {
        BODY("call ~ f {}; finish=tool_calls(STOP)", LAST("{'functionCall':{'name':'f'}}", "STOP"));
        BODY("call ~ f {}; finish=tool_calls(STOP)", LAST("{'functionCall':{'name':'f','args':null}}", "STOP"));
    }
    CASE("arguments-verbatim")  // 1.0 where 1 was meant is the model's
    {
        BODY("call ~ f {'n': 1.0,'s':'\\u00e4'}; finish=tool_calls(STOP)", LAST("{'functionCall':{'name':'f','args':{'n': 1.0,'s':'\\u00e4'}}}", "STOP"));
    }
    CASE("thoughts-look-like-text")
    {
        STREAM("text=so; reasoning=why; finish=stop(STOP)", G(PARTS("{'text':'wh','thought':true}")) G(PARTS("{'text':'y','thought':true},{'text':'so','thought':false}")) STOP);
    }
    CASE("signatures-stay-on-their-part")
    {
        check_parts("part 0 Hello; part 0 ; opaque {\"thoughtSignature\":\"Ab+/=\"}; origin gemini-generate; ",
                    G(PARTS("{'text':'Hel'}")) G(PARTS("{'text':'lo'}")) G(LAST("{'text':'','thoughtSignature':'Ab+/='}", "STOP")));
        check_parts("part 0 a; part 0 b; opaque {\"thoughtSignature\":\"S\"}; origin gemini-generate; part 0 c; ",
                    G(PARTS("{'text':'a'}")) G(PARTS("{'text':'b','thoughtSignature':'S'}")) G(PARTS("{'text':'c'}")) STOP);
        check_parts("part 5 {}; opaque {\"functionCall\":{\"id\":\"k\"},\"thoughtSignature\":\"S\"}; origin gemini-generate; part 5 {}; ",
                    G(PARTS("{'functionCall':{'id':'k','name':'f','args':{}},'thoughtSignature':'S'},{'functionCall':{'name':'g','args':{}}}")) STOP);
        check_parts("part 0 ; opaque {\"thoughtSignature\":\"S\"}; origin gemini-generate; ", G(LAST("{'thoughtSignature':'S'}", "STOP")));
        check_document("part 7 t; opaque {\"thoughtSignature\":\"S\"}; origin gemini-generate; part 0 x; ",
                       LAST("{'text':'t','thought':true,'thoughtSignature':'S'},{'text':'x'}", "STOP"));
    }
    CASE("parts-of-the-vendor")
    {
        check_document("part 0 a; part 9 ; opaque {\"executableCode\":{\"language\":\"PYTHON\",\"code\":\"1\"}}; origin gemini-generate; "
                       "part 9 ; opaque {\"codeExecutionResult\":{\"outcome\":\"OUTCOME_OK\",\"output\":\"1\"}}; origin gemini-generate; part 0 b; ",
                       LAST("{'text':'a'},{'executableCode':{'language':'PYTHON','code':'1'}},{'codeExecutionResult':{'outcome':'OUTCOME_OK','output':'1'}},{'text':'b'}", "STOP"));
        check_document("part 0 a; ", LAST("{},{'thought':true},{'text':''},null,5,{'text':'a'}", "STOP"));
    }
    CASE("pictures")
    {
        BODY("text=See; image=image/png,QUJD; finish=stop(STOP)", LAST("{'text':'See'},{'inlineData':{'mimeType':'image/png','data':'QUJD'},'thoughtSignature':'S'}", "STOP"));
        check_document("part 9 ; opaque {\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"QUJD\"},\"thoughtSignature\":\"S\"}; origin gemini-generate; ",
                       LAST("{'inlineData':{'mimeType':'image/png','data':'QUJD'},'thoughtSignature':'S'}", "STOP"));
        BODY("finish=stop(STOP)", LAST("{'inlineData':{'mimeType':'audio/pcm','data':'QUJD'}}", "STOP"));
    }
    CASE("draft-pictures")  // from the thoughts
    {
        BODY("image=image/png,Rg==; finish=stop(STOP)",
             LAST("{'inlineData':{'mimeType':'image/png','data':'RA=='},'thought':true},{'inlineData':{'mimeType':'image/png','data':'Rg=='}}", "STOP"));
    }
    CASE("arguments-in-pieces")
    {
        STREAM("call ~ f {'loc':{'city':'Oslo','n':5},'list':[{'a':true},{'a':null}]}; finish=tool_calls(STOP)",
               G(PARTS("{'functionCall':{'name':'f','willContinue':true}}"))
               G(PARTS("{'functionCall':{'partialArgs':[{'jsonPath':'$.loc.city','stringValue':'Os','willContinue':true}],'willContinue':true}}"))
               G(PARTS("{'functionCall':{'partialArgs':[{'jsonPath':'$.loc.city','stringValue':'lo'},{'jsonPath':'$.loc.n','numberValue':5}],'willContinue':true}}"))
               G(PARTS("{'functionCall':{'partialArgs':[{'jsonPath':'$.list[0].a','boolValue':true},{'jsonPath':'$.list[1].a','nullValue':null}],'willContinue':true}}"))
               G(PARTS("{'functionCall':{}}")) STOP);
    }
    CASE("arguments-in-pieces-without-an-end")
    {
        STREAM("call ~ f {'a':'x'}; finish=tool_calls(STOP)",
               G(PARTS("{'functionCall':{'name':'f','willContinue':true}}"))
               G(PARTS("{'functionCall':{'partialArgs':[{'jsonPath':'$.a','stringValue':'x','willContinue':true}],'willContinue':true}}")) STOP);
        STREAM("call ~ f {'a':'x'}; call ~ g {}; finish=tool_calls(STOP)",
               G(PARTS("{'functionCall':{'name':'f','willContinue':true}}"))
               G(PARTS("{'functionCall':{'partialArgs':[{'jsonPath':'$[\\'a\\']','stringValue':'x','willContinue':true}],'willContinue':true}}"))
               G(PARTS("{'functionCall':{'name':'g','args':{}}}")) STOP);
        STREAM("call ~ f {'a':'x; finish=tool_calls(); error=truncated 200 retry; warn=tool_arguments",
               G(PARTS("{'functionCall':{'name':'f','willContinue':true}}"))
               G(PARTS("{'functionCall':{'partialArgs':[{'jsonPath':'$.a','stringValue':'x','willContinue':true}],'willContinue':true}}")));
    }
    CASE("arguments-in-odd-pieces")
    {
        STREAM("call ~ f {'a':[1]}; finish=tool_calls(STOP); warn=tool_arguments",
               G(PARTS("{'functionCall':{'name':'f','willContinue':true}}"))
               G(PARTS("{'functionCall':{'partialArgs':[{'jsonPath':'$.a[0]','numberValue':1},{'jsonPath':'$.a.b','numberValue':2},{'jsonPath':'x','numberValue':3},{'jsonPath':'$[0]','numberValue':4},{'jsonPath':'$.z'},7],'willContinue':true}}"))
               G(PARTS("{'functionCall':{}}")) STOP);
        STREAM("text=x; finish=stop(STOP)", G(PARTS("{'functionCall':{}},{'functionCall':{'partialArgs':[{'jsonPath':'$.a','numberValue':1}]}},{'text':'x'}")) STOP);
    }
    CASE("sources")
    {
        BODY("text=x; cite=https://a.b A; cite=gs://c; cite=https://d; cite=https://e; finish=stop(STOP)",
             "{'candidates':[{'content':{'parts':[{'text':'x'}]},'finishReason':'STOP','groundingMetadata':{'groundingChunks':[{'web':{'uri':'https://a.b','title':'A','domain':'b'}},"
             "{'retrievedContext':{'uri':'gs://c'}},{'web':{'uri':'https://a.b'}}]},'citationMetadata':{'citationSources':[{'startIndex':1,'uri':'https://d'}]},"
             "'urlContextMetadata':{'urlMetadata':[{'retrievedUrl':'https://e'}]}}]}");
        BODY("text=x; cite=https://d T; finish=stop(STOP)", "{'candidates':[{'content':{'parts':[{'text':'x'}]},'finishReason':'STOP','citationMetadata':{'citations':[{'uri':'https://d','title':'T'}]}}]}");
    }
}

static void ends(void)
{
    CASE("finish-words")
    {
        static const char *const table[][2] = {
            { "STOP", "stop" }, { "MAX_TOKENS", "length" }, { "CONTINUATION", "length" }, { "SAFETY", "content_filter" }, { "RECITATION", "content_filter" },
            { "BLOCKLIST", "content_filter" }, { "PROHIBITED_CONTENT", "content_filter" }, { "SPII", "content_filter" }, { "IMAGE_SAFETY", "content_filter" },
            { "IMAGE_PROHIBITED_CONTENT", "content_filter" }, { "IMAGE_RECITATION", "content_filter" }, { "LANGUAGE", "content_filter" }, { "MODEL_ARMOR", "content_filter" },
            { "MALFORMED_FUNCTION_CALL", "error" }, { "UNEXPECTED_TOOL_CALL", "error" }, { "TOO_MANY_TOOL_CALLS", "error" }, { "MALFORMED_RESPONSE", "error" },
            { "MISSING_THOUGHT_SIGNATURE", "error" }, { "OTHER", "other" }, { "NO_IMAGE", "other" }, { "IMAGE_OTHER", "other" }, { "FINISH_REASON_UNSPECIFIED", "other" }, { "SOMETHING_NEW", "other" },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            text b = { NULL, 0, 0 };
            char want[128];
            adds(&b, "data: {'candidates':[{'content':{'parts':[{'text':'Hi'}]},'finishReason':'");
            adds(&b, table[i][0]);
            adds(&b, "'}]}\r\n\r\n");
            snprintf(want, sizeof want, "text=Hi; finish=%s(%s)", table[i][1], table[i][0]);
            STREAM(want, b.ptr);
            drop(&b);
        }
    }
    CASE("unexpected-call")  // comes with the call
    {
        BODY("call ~ f {}; finish=error(UNEXPECTED_TOOL_CALL); warn=finish",
             "{'candidates':[{'content':{'parts':[{'functionCall':{'name':'f'}}]},'finishReason':'UNEXPECTED_TOOL_CALL','finishMessage':'no such function'}]}");
        BODY("text=x; finish=stop(STOP)", "{'candidates':[{'content':{'parts':[{'text':'x'}]},'finishReason':'STOP','finishMessage':'fine'}]}");
    }
    CASE("prompt-blocked")
    {
        BODY("finish=content_filter(SAFETY)", "{'promptFeedback':{'blockReason':'SAFETY','safetyRatings':[]}}");
        BODY("finish=content_filter(OTHER)", "{'promptFeedback':{'blockReason':'OTHER'}}");
        STREAM("finish=content_filter(FAKE_NEW); warn=finish", G("{'promptFeedback':{'blockReason':'FAKE_NEW','blockReasonMessage':'no'}}"));
        STREAM("text=x; finish=stop(STOP)", G("{'promptFeedback':{'safetyRatings':[]}}") G(LAST("{'text':'x'}", "STOP")));
    }
    CASE("nothing-in-it")
    {
        BODY("finish=length(MAX_TOKENS); usage in 5 out 9 total 14 reasoning 9",
             "{'candidates':[{'finishReason':'MAX_TOKENS'}],'usageMetadata':{'promptTokenCount':5,'thoughtsTokenCount':9,'totalTokenCount':14}}");
        BODY("finish=stop(STOP)", "{'candidates':[{'content':{},'finishReason':'STOP'}]}");
        BODY("finish=stop(STOP)", "{'candidates':[{'content':{'role':'model'},'finishReason':'STOP'}]}");
        BODY("finish=stop(STOP)", "{'candidates':[{'content':{'parts':[]},'finishReason':'STOP'}]}");
        BODY("", "{'candidates':[],'responseId':'r'}");
    }
    CASE("recitation-keeps-the-text")
    {
        STREAM("text=It was the; finish=content_filter(RECITATION)", G(PARTS("{'text':'It was the'}")) G("{'candidates':[{'finishReason':'RECITATION','index':0}]}"));
    }
    CASE("not-an-answer")
    {
        BODY("error=proto 200 retry", "{'this':[{'is':'no answer'}]}");
        BODY("error=proto 200 retry", "[1]");
        BODY("error=proto 200 retry", "<html></html>");
        BODY("error=truncated 200 retry", "{'candidates':[{'content'");
        BODY("error=parse 200 retry", "{'candidates':[}");
    }
    CASE("usage")
    {
        BODY("text=x; finish=stop(STOP); usage in 57 out 50 total 107 cached 10 reasoning 30",
             "{'candidates':[{'content':{'parts':[{'text':'x'}]},'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':50,'cachedContentTokenCount':10,"
             "'candidatesTokenCount':20,'thoughtsTokenCount':30,'toolUsePromptTokenCount':7,'totalTokenCount':107,'promptTokensDetails':[{'modality':'TEXT','tokenCount':50}]}}");
        BODY("text=x; finish=stop(STOP); usage in 9223372036854775807 out 9223372036854775807 reasoning 9223372036854775807",
             "{'candidates':[{'content':{'parts':[{'text':'x'}]},'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':9223372036854775807,'toolUsePromptTokenCount':5,"
             "'candidatesTokenCount':5,'thoughtsTokenCount':9223372036854775807,'totalTokenCount':-1}}");
    }
    CASE("usage-of-the-last-record")
    {
        STREAM("text=xy; finish=stop(STOP); usage in 6 total 6",  // whole, not merged
               G("{'candidates':[{'content':{'parts':[{'text':'x'}]}}],'usageMetadata':{'promptTokenCount':5,'candidatesTokenCount':1,'totalTokenCount':6}}")
               G("{'candidates':[{'content':{'parts':[{'text':'y'}]},'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':6,'totalTokenCount':6}}"));
        STREAM("text=x; finish=stop(STOP); usage in 5 total 6",
               G("{'candidates':[{'content':{'parts':[{'text':'x'}]},'finishReason':'STOP'}],'usageMetadata':{'promptTokenCount':5,'totalTokenCount':6}}")
               G("{'usageMetadata':{'trafficType':'ON_DEMAND'}}"));
    }
}

static void errors(void)
{
    CASE("refusals")
    {
        REFUSED(400, "error=bad_request 400 code 400 type INVALID_ARGUMENT", "{'error':{'code':400,'message':'Request contains an invalid argument.','status':'INVALID_ARGUMENT'}}");
        REFUSED(400, "error=bad_request 400 code 400 type FAILED_PRECONDITION", "{'error':{'code':400,'message':'User location is not supported for the API use.','status':'FAILED_PRECONDITION'}}");
        REFUSED(401, "error=auth 401 code 401 type UNAUTHENTICATED", "{'error':{'code':401,'message':'no','status':'UNAUTHENTICATED'}}");
        REFUSED(404, "error=model_not_found 404 code 404 type NOT_FOUND", "{'error':{'code':404,'message':'models/x is not found','status':'NOT_FOUND'}}");
        REFUSED(500, "error=server 500 code 500 type INTERNAL retry", "{'error':{'code':500,'message':'no','status':'INTERNAL'}}");
        REFUSED(503, "error=overloaded 503 code 503 type UNAVAILABLE retry", "{'error':{'code':503,'message':'The model is overloaded.','status':'UNAVAILABLE'}}");
        REFUSED(504, "error=server 504 code 504 type DEADLINE_EXCEEDED retry", "{'error':{'code':504,'message':'late','status':'DEADLINE_EXCEEDED'}}");
        REFUSED(501, "error=server 501 code 501 type UNIMPLEMENTED", "{'error':{'code':501,'message':'no','status':'UNIMPLEMENTED'}}");
        REFUSED(400, "error=context 400 code 400 type INVALID_ARGUMENT",
                "{'error':{'code':400,'message':'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).','status':'INVALID_ARGUMENT'}}");
    }
    CASE("bad-key-is-400")
    {
        REFUSED(400, "error=auth 400 code 400 type INVALID_ARGUMENT",
                "{'error':{'code':400,'message':'API key not valid.','status':'INVALID_ARGUMENT','details':[{'@type':'type.googleapis.com/google.rpc.ErrorInfo','reason':'API_KEY_INVALID'}]}}");
    }
    CASE("key-blocked")
    {
        REFUSED(403, "error=permission 403 code 403 type PERMISSION_DENIED",
                "{'error':{'code':403,'message':'blocked','status':'PERMISSION_DENIED','details':[{'@type':'type.googleapis.com/google.rpc.ErrorInfo','reason':'API_KEY_SERVICE_BLOCKED'}]}}");
        REFUSED(403, "error=permission 403 code 403 type PERMISSION_DENIED",
                "{'error':{'code':403,'message':'off','status':'PERMISSION_DENIED','details':[{'@type':'type.googleapis.com/google.rpc.ErrorInfo','reason':'SERVICE_DISABLED'}]}}");
    }
    CASE("retry-delay")
    {
        REFUSED(429, "error=rate 429 code 429 type RESOURCE_EXHAUSTED retry after 45573",
                "{'error':{'code':429,'message':'Please retry in 45.57s.','status':'RESOURCE_EXHAUSTED','details':["
                "{'@type':'type.googleapis.com/google.rpc.QuotaFailure','violations':[{'quotaId':'GenerateRequestsPerMinutePerProjectPerModel-FreeTier','quotaValue':'50'}]},"
                "{'@type':'type.googleapis.com/google.rpc.RetryInfo','retryDelay':'45.573s'}]}}");
        REFUSED(429, "error=rate 429 code 429 type RESOURCE_EXHAUSTED retry",
                "{'error':{'code':429,'message':'x','status':'RESOURCE_EXHAUSTED','details':[{'retryDelay':'-1s'},{'retryDelay':'s'},{'retryDelay':7},{'retryDelay':'99999999s'},{'retryDelay':'5m'},null]}}");
    }
    CASE("daily-quota")
    {
        REFUSED(429, "error=quota 429 code 429 type RESOURCE_EXHAUSTED",
                "{'error':{'code':429,'message':'x','status':'RESOURCE_EXHAUSTED','details':[{'violations':[{'quotaId':'GenerateRequestsPerDayPerProjectPerModel-FreeTier','quotaValue':'50'}]}]}}");
        REFUSED(429, "error=quota 429 code 429 type RESOURCE_EXHAUSTED after 36000",
                "{'error':{'code':429,'message':'x','status':'RESOURCE_EXHAUSTED','details':[{'violations':[{'quotaId':'X','quotaValue':'0'}]},{'retryDelay':'36s'}]}}");
    }
    CASE("error-in-an-array")
    {
        REFUSED(429, "error=rate 429 code 429 type RESOURCE_EXHAUSTED retry", "[{'error':{'code':429,'message':'x','status':'RESOURCE_EXHAUSTED'}}]");
        STREAM("error=rate 200 code 429 type RESOURCE_EXHAUSTED retry", "[{'error':{'code':429,'message':'x','status':'RESOURCE_EXHAUSTED'}}\n]\n");
        BODY("error=rate 200 code 429 type RESOURCE_EXHAUSTED retry", "[{'error':{'code':429,'message':'x','status':'RESOURCE_EXHAUSTED'}}]");
    }
    CASE("web-page")
    {
        REFUSED(502, "error=server 502 retry", "<html><title>502</title></html>");
    }
}

// What else is answered: vectors, lists, counts, pictures. Vectors and models are told by their number.
static void check_lists(const char *api, size_t vectors, double first, size_t models, const char *want, const char *body)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    const tamar_response *r;
    text b = { NULL, 0, 0 };
    memset(&desc, 0, sizeof desc);
    desc.api = api;
    add_json(&b, body);
    INPUT(other(api), want, body);
    d = tamar_decoder_open(&desc);
    tamar_decoder_feed(d, b.ptr, b.len);
    r = tamar_decoder_end(d, true);
    CHECK(r->embedding_count == vectors && r->model_count == models);
    if (vectors) CHECK(r->embeddings[0].count > 0 && r->embeddings[0].values[0] == first);
    if (models) {
        CHECK_STR(r->models[0].id, "models/gemini-x");
        CHECK_STR(r->models[0].name, "Gemini X");
        CHECK(r->models[0].input_tokens == 100 && r->models[0].output_tokens == 10);
    }
    tamar_decoder_close(d);
    drop(&b);
}

static void others(void)
{
    CASE("vectors")
    {
        check_lists("gemini-embeddings", 1, 0.5, 0, "", "{'embedding':{'values':[0.5,-1]}}");
        check_lists("gemini-embeddings", 2, 0.5, 0, "usage in 6", "{'embeddings':[{'values':[0.5]},{'values':[1]}],'usageMetadata':{'promptTokenCount':6}}");
        check_lists("gemini-embeddings", 2, 0.25, 0, "usage in 11",
                    "{'predictions':[{'embeddings':{'values':[0.25],'statistics':{'token_count':5,'truncated':false}}},{'embeddings':{'values':[1],'statistics':{'token_count':6}}}],'metadata':{'billableCharacterCount':35}}");
        BODY("error=proto 200 retry", "{'x':1}");
        INPUT(other("gemini-embeddings"), "error=proto 200 retry", "{}");
        INPUT(other("gemini-embeddings"), "error=parse 200 retry", "{'embedding':{'values':['x']}}");
    }
    CASE("model-list")
    {
        check_lists("gemini-models", 0, 0, 2, "warn=more",
                    "{'models':[{'name':'models/gemini-x','displayName':'Gemini X','inputTokenLimit':100,'outputTokenLimit':10},{'name':'models/y'},{}],'nextPageToken':'t'}");
        INPUT(other("gemini-models"), "", "{}");
        INPUT(other("gemini-models"), "", "{'publisherModels':[{'name':'publishers/google/models/x'}]}");
    }
    CASE("count")
    {
        INPUT(other("gemini-count-tokens"), "usage in 31 cached 0", "{'totalTokens':31,'cachedContentTokenCount':0}");
        INPUT(other("gemini-count-tokens"), "usage in 31", "{'totalTokens':31,'totalBillableCharacters':96,'promptTokensDetails':[]}");
        INPUT(other("gemini-count-tokens"), "usage in 0", "{}");
    }
    CASE("imagen")
    {
        INPUT(other("gemini-images"), "image=image/png,QUJD; warn=filtered", "{'predictions':[{'mimeType':'image/png','bytesBase64Encoded':'QUJD'},{'raiFilteredReason':'no'}]}");
        INPUT(other("gemini-images"), "finish=content_filter(SAFETY); warn=filtered", "{'predictions':[{'raiFilteredReason':'no'}]}");
        INPUT(other("gemini-images"), "finish=content_filter(SAFETY)", "{}");
        INPUT(other("gemini-images"), "image=gs://b/i.png", "{'predictions':[{'gcsUri':'gs://b/i.png'}]}");
        INPUT(other("gemini-images"), "finish=other(NO_IMAGE)", "{'candidates':[{'finishReason':'NO_IMAGE'}]}");
    }
}

// == requests ======================================================================================

#define HI "'contents':[{'role':'user','parts':[{'text':'Hi'}]}]}"
#define M3 .model = "google/gemini-3-flash"
#define M25 .model = "google/gemini-2.5-flash"
#define M4 .model = "google/gemini-4-argon"

static tamar_part part(tamar_part_type type, const char *words)
{
    tamar_part p;
    memset(&p, 0, sizeof p);
    p.type = type;
    p.text = tamar_text(words);
    return p;
}

static tamar_part call(const char *id, const char *name, const char *arguments, const char *opaque, const char *origin)
{
    tamar_part p = part(TAMAR_PART_TOOL_CALL, quoted(arguments));
    p.id = tamar_text(id);
    p.name = tamar_text(name);
    if (opaque) p.opaque = tamar_text(quoted(opaque)), p.origin = tamar_text(origin);
    return p;
}

static tamar_part result(const char *id, const char *said)
{
    return tamar_tool_result_part(tamar_text(id), tamar_text(quoted(said)));
}

static tamar_message message(tamar_role role, const tamar_part *parts, size_t count)
{
    tamar_message m;
    memset(&m, 0, sizeof m);
    m.role = role;
    m.parts = parts;
    m.part_count = count;
    return m;
}

static tamar_message said(tamar_role role, const char *words)
{
    tamar_message m = message(role, NULL, 0);
    m.text = words;
    return m;
}

static void requests(void)
{
    CASE("plain")
    {
        REQUEST("", "{" HI, M3, .prompt = "Hi");
        REQUEST("", "{'systemInstruction':{'parts':[{'text':'Be brief.'}]}," HI, M3, .prompt = "Hi", .system = "Be brief.");
        REQUEST("", "{'generationConfig':{'maxOutputTokens':100}," HI, M3, .prompt = "Hi", .max_tokens = 100, .stream = true);
    }
    CASE("sampling")
    {
        static const char *const stops[] = { "a", "b", "c", "d", "e", "f" };
        REQUEST("", "{'generationConfig':{'temperature':0.5,'topP':0.9,'topK':40,'presencePenalty':0.25,'frequencyPenalty':-0.5,'seed':7,'stopSequences':['a','b'],'responseLogprobs':true,'logprobs':3}," HI,
                M3, .prompt = "Hi", .temperature = tamar_double(0.5), .top_p = tamar_double(0.9), .top_k = tamar_int(40), .presence_penalty = tamar_double(0.25),
                .frequency_penalty = tamar_double(-0.5), .seed = tamar_int(7), .stop = stops, .stop_count = 2, .top_logprobs = tamar_int(3));
        REQUEST("unsupported", "{'generationConfig':{'stopSequences':['a','b','c','d','e']}," HI, M3, .prompt = "Hi", .stop = stops, .stop_count = 6);
        REQUEST("unsupported", "{" HI, M3, .prompt = "Hi", .seed = tamar_int(INT64_C(3000000000)));
        REQUEST("unsupported unsupported", "{'generationConfig':{'seed':1}," HI, M4, .prompt = "Hi", .temperature = tamar_double(1), .top_k = tamar_int(1),
                .presence_penalty = tamar_double(1), .seed = tamar_int(1));
        REQUEST("unsupported", "{'generationConfig':{'temperature':1.0}," HI, M25, .prompt = "Hi", .temperature = tamar_double(1), .frequency_penalty = tamar_double(1));
    }
    CASE("budget-or-level")
    {
        REQUEST("", "{'generationConfig':{'thinkingConfig':{'thinkingBudget':0}}," HI, M25, .prompt = "Hi", .effort = TAMAR_EFFORT_OFF);
        REQUEST("", "{'generationConfig':{'thinkingConfig':{'includeThoughts':true,'thinkingBudget':8192}}," HI, M25, .prompt = "Hi", .effort = TAMAR_EFFORT_MEDIUM);
        REQUEST("effort", "{'generationConfig':{'thinkingConfig':{'includeThoughts':true,'thinkingBudget':512}}," HI, .model = "google/gemini-2.5-pro", .prompt = "Hi", .effort = TAMAR_EFFORT_OFF);
        REQUEST("", "{'generationConfig':{'thinkingConfig':{'includeThoughts':true,'thinkingLevel':'MINIMAL'}}," HI, M3, .prompt = "Hi", .effort = TAMAR_EFFORT_MINIMAL);
        REQUEST("effort", "{'generationConfig':{'thinkingConfig':{'includeThoughts':true,'thinkingLevel':'HIGH'}}," HI, M3, .prompt = "Hi", .effort = TAMAR_EFFORT_MAX);
        REQUEST("effort", "{'generationConfig':{'thinkingConfig':{'includeThoughts':true,'thinkingLevel':'LOW'}}," HI, .model = "google/gemini-3-pro-preview", .prompt = "Hi", .effort = TAMAR_EFFORT_MEDIUM);
        REQUEST("effort", "{'generationConfig':{'thinkingConfig':{'includeThoughts':true,'thinkingLevel':'LOW'}}," HI, .model = "google/gemini-3.8-flash", .prompt = "Hi", .effort = TAMAR_EFFORT_MINIMAL);
        REQUEST("effort", "{'generationConfig':{'thinkingConfig':{'includeThoughts':true,'thinkingLevel':'XHIGH'}}," HI, .model = "google/gemini-4-neon", .prompt = "Hi", .effort = TAMAR_EFFORT_MAX);
        REQUEST("effort", "{" HI, .model = "google/gemini-2.0-flash", .prompt = "Hi", .effort = TAMAR_EFFORT_HIGH);
    }
    CASE("tools")
    {
        tamar_tool tools[3];
        memset(tools, 0, sizeof tools);
        tools[0].name = "f";
        tools[0].description = "does f";
        tools[0].parameters = quoted("{'type':'object','properties':{'a':{'type':'string'}},'required':['a']}");
        tools[1].name = "now";
        tools[1].parameters = quoted("{'type':'object','properties':{},'additionalProperties':false}");
        tools[2].raw = quoted("{'googleSearch':{}}");
#define F "{'functionDeclarations':[{'name':'f','description':'does f','parametersJsonSchema':{'type':'object','properties':{'a':{'type':'string'}},'required':['a']}}"
        REQUEST("", "{'tools':[" F ",{'name':'now'}]}]," HI, M3, .prompt = "Hi", .tools = tools, .tool_count = 2);
        REQUEST("", "{'tools':[" F ",{'name':'now'}]},{'googleSearch':{}}],'toolConfig':{'includeServerSideToolInvocations':true}," HI, M3, .prompt = "Hi", .tools = tools, .tool_count = 3);
        REQUEST("", "{'tools':[{'googleSearch':{}}]," HI, M3, .prompt = "Hi", .tools = tools + 2, .tool_count = 1);
        REQUEST("", "{'tools':[" F "]}],'toolConfig':{'functionCallingConfig':{'mode':'AUTO'}}," HI, M3, .prompt = "Hi", .tools = tools, .tool_count = 1, .tool_choice = TAMAR_TOOL_CHOICE_AUTO);
        REQUEST("", "{'tools':[" F "]}],'toolConfig':{'functionCallingConfig':{'mode':'NONE'}}," HI, M3, .prompt = "Hi", .tools = tools, .tool_count = 1, .tool_choice = TAMAR_TOOL_CHOICE_NONE);
        REQUEST("", "{'tools':[" F "]}],'toolConfig':{'functionCallingConfig':{'mode':'ANY'}}," HI, M3, .prompt = "Hi", .tools = tools, .tool_count = 1, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        REQUEST("", "{'tools':[" F "]}],'toolConfig':{'functionCallingConfig':{'mode':'ANY','allowedFunctionNames':['f']}}," HI, M3, .prompt = "Hi", .tools = tools, .tool_count = 1,
                .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "f");
        REQUEST("dropped", "{" HI, M3, .prompt = "Hi", .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        REQUEST("unsupported", "{" HI, M3, .prompt = "Hi", .parallel_tool_calls = tamar_int(0));
        tools[0].strict = true;
        REQUEST("", "{'tools':[" F "]}],'toolConfig':{'functionCallingConfig':{'mode':'VALIDATED'}}," HI, M3, .prompt = "Hi", .tools = tools, .tool_count = 1);
    }
    CASE("schema")
    {
        const char *schema = quoted("{'$schema':'https://json-schema.org/draft/2020-12/schema','type':'object','properties':{'const':{'const':'x'},'enum':{'enum':[1],'const':1},"
                                    "'$schema':{'anyOf':[{'const':null},{'type':'string','default':{'const':1}}]}},'$defs':{'const':{'type':'integer'}}}");
        tamar_tool tool;
        memset(&tool, 0, sizeof tool);
        tool.name = "f";
#define SCHEMA "{'type':'object','properties':{'const':{'enum':['x']},'enum':{'enum':[1]},'$schema':{'anyOf':[{'enum':[null]},{'type':'string','default':{'const':1}}]}},'$defs':{'const':{'type':'integer'}}}"
        REQUEST("", "{'generationConfig':{'responseMimeType':'application/json'}," HI, M3, .prompt = "Hi", .format = TAMAR_FORMAT_JSON);
        REQUEST("", "{'generationConfig':{'responseMimeType':'application/json','responseJsonSchema':" SCHEMA "}," HI, M3, .prompt = "Hi", .format = TAMAR_FORMAT_SCHEMA, .schema = schema);
        REQUEST("unsupported", "{'tools':[{'functionDeclarations':[{'name':'f'}]}]," HI, M25, .prompt = "Hi", .format = TAMAR_FORMAT_SCHEMA, .schema = schema, .tools = &tool, .tool_count = 1);
        REQUEST("", "{'tools':[{'functionDeclarations':[{'name':'f'}]}],'generationConfig':{'responseMimeType':'application/json'}," HI, M3, .prompt = "Hi", .format = TAMAR_FORMAT_JSON, .tools = &tool, .tool_count = 1);
    }
    CASE("extra")
    {
        REQUEST("", "{'generationConfig':{'maxOutputTokens':9,'temperature':0,'mediaResolution':'X'},'safetySettings':[]," HI, M3, .prompt = "Hi", .max_tokens = 9, .temperature = tamar_double(1),
                .extra = quoted("{'safetySettings':[],'generationConfig':{'temperature':0,'mediaResolution':'X'}}"));
        REQUEST("", "{'x':1,'contents':[]}", M3, .prompt = "Hi", .extra = quoted("{'contents':[],'x':1}"));
        REQUEST("", "{'systemInstruction':{}," HI, M3, .prompt = "Hi", .system = "s", .extra = quoted("{'systemInstruction':{}}"));
        REQUEST("dropped", "{'cachedContent':'cachedContents/1'," HI, M3, .prompt = "Hi", .system = "s", .extra = quoted("{'cachedContent':'cachedContents/1'}"));
    }
    CASE("not-there")
    {
        REQUEST("unsupported unsupported unsupported unsupported unsupported", "{" HI, M3, .prompt = "Hi", .user = "u", .cache_key = "k", .verbosity = "low", .metadata = "{}", .choices = 2);
    }
    CASE("images-out")
    {
        static const char *const sizes[][2] = {
            { "16:9", "'aspectRatio':'16:9'" }, { "2K", "'imageSize':'2K'" }, { "1024x1024", "'aspectRatio':'1:1','imageSize':'1K'" },
            { "1536x1024", "'aspectRatio':'3:2','imageSize':'1K'" }, { "1080x1920", "'aspectRatio':'9:16','imageSize':'2K'" }, { "512x512", "'aspectRatio':'1:1','imageSize':'512'" },
        };
        size_t i;
        for (i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            char want[256];
            snprintf(want, sizeof want, "{'generationConfig':{'responseModalities':['TEXT','IMAGE'],'imageConfig':{%s}}," HI, sizes[i][1]);
            REQUEST("", want, .kind = TAMAR_KIND_IMAGES, .model = "google/gemini-3-pro-image", .prompt = "Hi", .image_size = sizes[i][0]);
        }
        REQUEST("unsupported unsupported unsupported", "{'generationConfig':{'responseModalities':['TEXT','IMAGE'],'imageConfig':{'aspectRatio':'1:1'}}," HI, .kind = TAMAR_KIND_IMAGES,
                .model = "google/gemini-2.5-flash-image", .prompt = "Hi", .image_size = "1024x1024", .image_count = 2, .image_quality = "high", .image_format = "png");
        REQUEST("", "{'parameters':{'sampleCount':2,'aspectRatio':'16:9','includeRaiReason':true},'instances':[{'prompt':'Hi'}]}", .kind = TAMAR_KIND_IMAGES,
                .model = "google/imagen-4.0-generate-001", .prompt = "Hi", .image_count = 2, .image_size = "16:9");
        REQUEST("unsupported", "{'parameters':{'sampleCount':1,'includeRaiReason':true,'language':'en'},'x':1,'instances':[{'prompt':'Hi'}]}", .kind = TAMAR_KIND_IMAGES,
                .model = "imagen-4.0-generate-001", .prompt = "Hi", .seed = tamar_int(1), .extra = quoted("{'parameters':{'language':'en'},'x':1}"));
    }
    CASE("models-prefix")  // inside of bodies, and taken off in paths
    {
        static const char *const two[] = { "a", "b" };
        REQUEST("", "{'model':'models/gemini-embedding-001','taskType':'RETRIEVAL_QUERY','outputDimensionality':768,'content':{'parts':[{'text':'a'}]}}", .kind = TAMAR_KIND_EMBEDDINGS,
                .model = "google/gemini-embedding-001", .prompt = "a", .input_type = "query", .dimensions = 768);
        REQUEST("", "{'requests':[{'model':'models/gemini-embedding-001','taskType':'CLUSTERING','content':{'parts':[{'text':'a'}]}},{'model':'models/gemini-embedding-001','taskType':'CLUSTERING','content':{'parts':[{'text':'b'}]}}]}",
                .kind = TAMAR_KIND_EMBEDDINGS, .model = "google/models/gemini-embedding-001", .inputs = two, .input_count = 2, .input_type = "CLUSTERING");
        REQUEST("unsupported", "{'model':'models/gemini-embedding-2','content':{'parts':[{'text':'a'}]}}", .kind = TAMAR_KIND_EMBEDDINGS, .model = "google/gemini-embedding-2", .prompt = "a", .input_type = "document");
        REQUEST("", "{" HI, .kind = TAMAR_KIND_TOKENS, M3, .prompt = "Hi");
        REQUEST("", "{'generateContentRequest':{'model':'models/gemini-3-flash','systemInstruction':{'parts':[{'text':'s'}]}," HI "}", .kind = TAMAR_KIND_TOKENS, M3, .prompt = "Hi", .system = "s");
    }
}

static void conversations(void)
{
    CASE("roles-and-neighbours")
    {
        tamar_message m[6];
        m[0] = said(TAMAR_ROLE_SYSTEM, "s");
        m[1] = said(TAMAR_ROLE_USER, "a");
        m[2] = said(TAMAR_ROLE_USER, "b");
        m[3] = said(TAMAR_ROLE_ASSISTANT, "c");
        m[4] = said(TAMAR_ROLE_ASSISTANT, "d");
        m[5] = said(TAMAR_ROLE_SYSTEM, "t");
        REQUEST("", "{'systemInstruction':{'parts':[{'text':'s'}]},'contents':[{'role':'user','parts':[{'text':'a'},{'text':'b'}]},{'role':'model','parts':[{'text':'c'},{'text':'d'}]},{'role':'user','parts':[{'text':'Hi'}]}]}",
                M3, .messages = m, .message_count = 5, .prompt = "Hi");
        REQUEST("system", "{'systemInstruction':{'parts':[{'text':'s'},{'text':'t'}]},'contents':[{'role':'user','parts':[{'text':'a'},{'text':'b'}]},{'role':'model','parts':[{'text':'c'},{'text':'d'}]},{'role':'user','parts':[{'text':'Hi'}]}]}",
                M3, .messages = m, .message_count = 6, .prompt = "Hi");
    }
    CASE("no-system-text")
    {
        REQUEST("", "{'contents':[{'role':'user','parts':[{'text':'s'},{'text':'Hi'}]}]}", .model = "google/gemma-3-27b-it", .prompt = "Hi", .system = "s");
    }
    CASE("empty-parts")  // are refused: what says nothing is no part, a turn without parts no turn
    {
        tamar_message m[3];
        m[0] = said(TAMAR_ROLE_USER, "a");
        m[1] = said(TAMAR_ROLE_ASSISTANT, "");
        m[2] = said(TAMAR_ROLE_USER, "b");
        REQUEST("", "{'contents':[{'role':'user','parts':[{'text':'a'},{'text':'b'}]}]}", M3, .messages = m, .message_count = 3);
    }
    CASE("nothing-to-say")
    {
        tamar_message m = said(TAMAR_ROLE_SYSTEM, "s");
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "google/gemini-3-flash";
        rq.messages = &m;
        rq.message_count = 1;
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "request.prompt"));
        sent_drop(&s);
        m = said(TAMAR_ROLE_ASSISTANT, "I am");
        rq.model = "google/gemini-3.7-pro";
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "last message of the assistant"));
        sent_drop(&s);
        REQUEST("", "{'contents':[{'role':'model','parts':[{'text':'I am'}]}]}", M3, .messages = &m, .message_count = 1);
    }
    CASE("media")
    {
        tamar_part p[7];
        tamar_message m = message(TAMAR_ROLE_USER, p, 7);
        p[0] = part(TAMAR_PART_IMAGE, ""), p[0].data = tamar_text("\xFF\xD8\xFF"), p[0].detail = tamar_text("high");
        p[1] = tamar_image_part("https://x/y.PNG?z"), p[1].detail = tamar_text("auto");
        p[2] = tamar_image_part("data:image/webp;base64,QUJD");
        p[3] = part(TAMAR_PART_FILE, ""), p[3].data = tamar_text("%PDF"), p[3].name = tamar_text("a.pdf");
        p[4] = part(TAMAR_PART_AUDIO, ""), p[4].data = tamar_text("ABC"), p[4].mime_type = tamar_text("audio/wav");
        p[5] = part(TAMAR_PART_VIDEO, ""), p[5].url = tamar_text("gs://b/c.mov");
        p[6] = part(TAMAR_PART_FILE, ""), p[6].id = tamar_text("files/1"), p[6].cache = true;
        REQUEST("unsupported", "{'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'image/jpeg','data':'/9j/'},'mediaResolution':{'level':'MEDIA_RESOLUTION_HIGH'}},"
                "{'fileData':{'mimeType':'image/png','fileUri':'https://x/y.PNG?z'}},{'inlineData':{'mimeType':'image/webp','data':'QUJD'}},"
                "{'inlineData':{'mimeType':'application/pdf','data':'JVBERg=='}},{'inlineData':{'mimeType':'audio/wav','data':'QUJD'}},"
                "{'fileData':{'mimeType':'video/quicktime','fileUri':'gs://b/c.mov'}},{'fileData':{'mimeType':'application/pdf','fileUri':'files/1'}}]}]}",
                M3, .messages = &m, .message_count = 1);
        m.part_count = 1;
        REQUEST("unsupported", "{'contents':[{'role':'user','parts':[{'inlineData':{'mimeType':'image/jpeg','data':'/9j/'}}]}]}", M25, .messages = &m, .message_count = 1);
    }
    CASE("results-in-order")  // all of them, in the order of the calls, each an object
    {
        tamar_part calls[3], first[1], second[3];
        tamar_message m[4];
        calls[0] = call("a", "f", "{'x':1}", NULL, NULL);
        calls[1] = call("b", "g", "", NULL, NULL);
        calls[2] = call("c", "h", "{}", NULL, NULL);
        first[0] = result("b", "[1,2]");
        second[0] = part(TAMAR_PART_TEXT, "and");
        second[1] = result("a", "{'ok':true}");
        second[2] = result("c", "broken"), second[2].is_error = true;
        m[0] = said(TAMAR_ROLE_USER, "q");
        m[1] = message(TAMAR_ROLE_ASSISTANT, calls, 3);
        m[2] = message(TAMAR_ROLE_TOOL, first, 1);
        m[3] = message(TAMAR_ROLE_USER, second, 3);
#define CALLED(mark) "{'contents':[{'role':'user','parts':[{'text':'q'}]},{'role':'model','parts':[{'functionCall':{'name':'f','args':{'x':1}}" mark "},{'functionCall':{'name':'g','args':{}}},{'functionCall':{'name':'h','args':{}}}]},{'role':'user','parts':["
        REQUEST("", CALLED("") "{'functionResponse':{'name':'f','response':{'ok':true}}},{'functionResponse':{'name':'g','response':{'output':'[1,2]'}}},{'functionResponse':{'name':'h','response':{'error':'broken'}}},{'text':'and'}]}]}",
                M25, .messages = m, .message_count = 4);
        REQUEST("", CALLED(",'thoughtSignature':'skip_thought_signature_validator'") "{'functionResponse':{'name':'f','response':{'ok':true}}},{'functionResponse':{'name':'g','response':{'output':'[1,2]'}}},{'functionResponse':{'name':'h','response':{'error':'broken'}}},{'text':'and'}]}]}",
                M3, .messages = m, .message_count = 4);
        second[1].id = tamar_text("z");
        REQUEST("tool_results dropped", CALLED("") "{'functionResponse':{'name':'f','response':{'error':'the tool gave no result'}}},{'functionResponse':{'name':'g','response':{'output':'[1,2]'}}},{'functionResponse':{'name':'h','response':{'error':'broken'}}},{'text':'and'}]}]}",
                M25, .messages = m, .message_count = 4);
    }
    CASE("ids-of-the-server")  // go back to where they came from
    {
        tamar_part calls[2], results[2];
        tamar_message m[2];
        calls[0] = call("k1", "f", "{}", "{'functionCall':{'id':'k1'},'thoughtSignature':'Ab+/='}", "gemini-generate");
        calls[1] = call("call_1", "g", "{}", NULL, NULL);
        results[0] = result("k1", "1");
        results[1] = result("call_1", "2");
        m[0] = message(TAMAR_ROLE_ASSISTANT, calls, 2);
        m[1] = message(TAMAR_ROLE_TOOL, results, 2);
        REQUEST("", "{'contents':[{'role':'model','parts':[{'functionCall':{'id':'k1','name':'f','args':{}},'thoughtSignature':'Ab+/='},{'functionCall':{'name':'g','args':{}}}]},"
                "{'role':'user','parts':[{'functionResponse':{'id':'k1','name':'f','response':{'output':'1'}}},{'functionResponse':{'name':'g','response':{'output':'2'}}}]}]}",
                M3, .messages = m, .message_count = 2);
        REQUEST("", "{'contents':[{'role':'model','parts':[{'functionCall':{'name':'f','args':{}},'thoughtSignature':'Ab+/='},{'functionCall':{'name':'g','args':{}}}]},"
                "{'role':'user','parts':[{'functionResponse':{'name':'f','response':{'output':'1'}}},{'functionResponse':{'name':'g','response':{'output':'2'}}}]}]}",
                M25, .messages = m, .message_count = 2);
        calls[0].origin = tamar_text("openai-chat");
        REQUEST("dropped", "{'contents':[{'role':'model','parts':[{'functionCall':{'name':'f','args':{}},'thoughtSignature':'skip_thought_signature_validator'},{'functionCall':{'name':'g','args':{}}}]},"
                "{'role':'user','parts':[{'functionResponse':{'name':'f','response':{'output':'1'}}},{'functionResponse':{'name':'g','response':{'output':'2'}}}]}]}",
                M3, .messages = m, .message_count = 2);
    }
    CASE("round-trip")  // what was answered comes back byte for byte
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        const tamar_response *r;
        tamar_request rq;
        tamar_part p;
        tamar_message m[3];
        sent s;
        text b = { NULL, 0, 0 };
        memset(&desc, 0, sizeof desc);
        memset(&rq, 0, sizeof rq);
        desc.api = API;
        desc.stream = true;
        d = tamar_decoder_open(&desc);
        add_json(&b, G(PARTS("{'text':'hm','thought':true}")) G(PARTS("{'text':'Let me'}")) G(PARTS("{'text':' see','thoughtSignature':'S1'},{'executableCode':{'code':'1'}}"))
                 G(PARTS("{'inlineData':{'mimeType':'image/png','data':'QUJD'},'thoughtSignature':'S2'},{'functionCall':{'id':'k','name':'f','args':{'a': 1.0}},'thoughtSignature':'S3'}")) STOP);
        tamar_decoder_feed(d, b.ptr, b.len);
        r = tamar_decoder_end(d, true);
        CHECK(!r->error.category && r->tool_call_count == 1);
        m[0] = said(TAMAR_ROLE_USER, "q");
        m[1] = r->message;
        p = tamar_tool_result_part(r->tool_calls[0]->id, tamar_text("ok"));
        m[2] = message(TAMAR_ROLE_TOOL, &p, 1);
        rq.model = "google/gemini-3-flash";
        rq.messages = m;
        rq.message_count = 3;
        encode(NULL, &rq, &s);
        clear(&b);
        add_json(&b, "{'contents':[{'role':'user','parts':[{'text':'q'}]},{'role':'model','parts':[{'text':'Let me'},{'text':' see','thoughtSignature':'S1'},{'executableCode':{'code':'1'}},"
                 "{'inlineData':{'mimeType':'image/png','data':'QUJD'},'thoughtSignature':'S2'},{'functionCall':{'id':'k','name':'f','args':{'a': 1.0}},'thoughtSignature':'S3'}]},"
                 "{'role':'user','parts':[{'functionResponse':{'id':'k','name':'f','response':{'output':'ok'}}}]}]}");
        test_str(__FILE__, __LINE__, s.body.ptr, s.body.len, b.ptr);
        test_str(__FILE__, __LINE__, s.warnings.ptr, s.warnings.len, "");
        sent_drop(&s);
        tamar_decoder_close(d);
        drop(&b);
    }
}

// -- products --------------------------------------------------------------------------------------

static const char *variables;  // "NAME=value NAME=value"

static const char *variable(void *user_data, const char *name)
{
    static char value[128];
    size_t n = strlen(name);
    const char *p = variables;
    (void)user_data;
    while (p && *p) {
        const char *end = strchr(p, ' ');
        if (!end) end = p + strlen(p);
        if (!strncmp(p, name, n) && p[n] == '=') {
            snprintf(value, sizeof value, "%.*s", (int)(end - p - (ptrdiff_t)n - 1), p + n + 1);
            return value;
        }
        p = *end ? end + 1 : end;
    }
    return NULL;
}

static void check_address(const char *file, int line, const char *environment, const tamar_request *rq, const char *url, const char *header)
{
    tamar_desc desc = nobody();
    sent s;
    desc.environment.get = variable;
    variables = environment;
    encode_once(&desc, rq, &s);
    test_str(file, line, s.url.ptr, s.url.len, url);
    if (header) CHECKF(strstr(s.headers.ptr, header) != NULL, "line %d: %s", line, s.headers.ptr);
    CHECKF(!s.category, "line %d: %s", line, s.prose.ptr);
    sent_drop(&s);
}

#define ADDRESS(environment, url, header, ...) \
    do { \
        tamar_request rq_ = { __VA_ARGS__ }; \
        check_address(__FILE__, __LINE__, environment, &rq_, url, header); \
    } while (0)

static void products(void)
{
    CASE("addresses")
    {
#define STUDIO "https://generativelanguage.googleapis.com/v1beta/"
        ADDRESS("", STUDIO "models/gemini-3-flash:generateContent", "x-goog-api-key: KEY", .model = "gemini-3-flash", .prompt = "x");
        ADDRESS("", STUDIO "models/gemini-3-flash:streamGenerateContent?alt=sse", NULL, .model = "google/models/gemini-3-flash", .prompt = "x", .stream = true);
        ADDRESS("", STUDIO "tunedModels/my%20own:generateContent", NULL, .model = "gemini/tunedModels/my own", .prompt = "x");
        ADDRESS("", STUDIO "models/gemini-3-flash:countTokens", NULL, .kind = TAMAR_KIND_TOKENS, .model = "gemini-3-flash", .prompt = "x");
        ADDRESS("", STUDIO "models?pageSize=1000", NULL, .kind = TAMAR_KIND_MODELS, .model = "google/");
        ADDRESS("", STUDIO "models/imagen-4.0:predict", NULL, .kind = TAMAR_KIND_IMAGES, .model = "imagen-4.0", .prompt = "x");
        ADDRESS("", "https://gw/v1/models/gemini-3-flash:generateContent", NULL, .model = "google/gemini-3-flash", .prompt = "x", .base_url = "https://gw/v1");
        ADDRESS("", "https://gw/v1beta/models/gemini-3-flash:generateContent", NULL, .model = "google/gemini-3-flash", .prompt = "x", .base_url = "https://gw/v1beta/");
        ADDRESS("", "https://gw/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse&k=v", NULL, .model = "google/gemini-3-flash", .prompt = "x", .base_url = "https://gw?k=v", .stream = true);
    }
    CASE("places")  // Vertex has a host for each kind of them
    {
#define AT(place) "/v1/projects/p/locations/" place "/publishers/google/models/gemini-3-flash:generateContent"
        ADDRESS("GOOGLE_CLOUD_PROJECT=p", "https://aiplatform.googleapis.com" AT("global"), "Authorization: Bearer KEY", .model = "vertex/gemini-3-flash", .prompt = "x");
        ADDRESS("GOOGLE_CLOUD_PROJECT=p GOOGLE_CLOUD_LOCATION=eu", "https://aiplatform.eu.rep.googleapis.com" AT("eu"), NULL, .model = "vertex/gemini-3-flash", .prompt = "x");
        ADDRESS("GOOGLE_VERTEX_PROJECT=p GOOGLE_VERTEX_LOCATION=us", "https://aiplatform.us.rep.googleapis.com" AT("us"), NULL, .model = "vertex/gemini-3-flash", .prompt = "x");
        ADDRESS("GOOGLE_CLOUD_PROJECT=p GOOGLE_CLOUD_LOCATION=europe-west4", "https://europe-west4-aiplatform.googleapis.com" AT("europe-west4"), NULL, .model = "vertex/models/gemini-3-flash", .prompt = "x");
        ADDRESS("GOOGLE_CLOUD_PROJECT=p", "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/acme/models/m:generateContent", NULL, .model = "vertex/acme/m", .prompt = "x");
        ADDRESS("GOOGLE_CLOUD_PROJECT=p", "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/acme/models/m:generateContent", NULL, .model = "vertex/publishers/acme/models/m", .prompt = "x");
        ADDRESS("GOOGLE_CLOUD_PROJECT=p", "https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/77:generateContent", NULL, .model = "vertex/projects/p/locations/global/endpoints/77", .prompt = "x");
    }
    CASE("express-is-not-studio")
    {
        ADDRESS("", "https://aiplatform.googleapis.com/v1/publishers/google/models/gemini-3-flash:generateContent", "x-goog-api-key: KEY", .model = "vertex-express/gemini-3-flash", .prompt = "x");
        ADDRESS("", "https://aiplatform.googleapis.com/v1/publishers/google/models?pageSize=300", NULL, .kind = TAMAR_KIND_MODELS, .model = "vertex-express/");
    }
    CASE("vertex-lists-elsewhere")
    {
        tamar_request rq;
        tamar_desc desc = nobody();
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.kind = TAMAR_KIND_MODELS;
        rq.model = "vertex/";
        encode_once(&desc, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "vertex-express"));
        sent_drop(&s);
    }
    CASE("product-fields")  // each refuses those of the other
    {
        tamar_desc desc = nobody();
        sent s;
        tamar_request rq;
        REQUEST("unsupported", "{'serviceTier':'flex','store':false," HI, M3, .prompt = "Hi", .service_tier = "flex", .store = tamar_int(0), .metadata = quoted("{'a':'b'}"));
        REQUEST("unsupported", "{'labels':{'a':'b'}," HI, .model = "vertex-express/gemini-3-flash", .prompt = "Hi", .store = tamar_int(0), .metadata = quoted("{'a':'b'}"));
        memset(&rq, 0, sizeof rq);
        rq.model = "vertex-express/gemini-3-flash";
        rq.prompt = "x";
        rq.service_tier = "flex";
        encode_once(&desc, &rq, &s);
        CHECK(strstr(s.headers.ptr, "X-Vertex-AI-LLM-Shared-Request-Type: flex\n") && !strstr(s.body.ptr, "flex"));
        sent_drop(&s);
    }
    CASE("vertex-bodies")
    {
        static const char *const two[] = { "a", "b" };
        REQUEST("", "{'parameters':{'outputDimensionality':8},'instances':[{'task_type':'RETRIEVAL_DOCUMENT','content':'a'},{'task_type':'RETRIEVAL_DOCUMENT','content':'b'}]}", .kind = TAMAR_KIND_EMBEDDINGS,
                .model = "vertex-express/gemini-embedding-001", .inputs = two, .input_count = 2, .input_type = "document", .dimensions = 8);
        REQUEST("", "{'embedContentConfig':{'outputDimensionality':8},'content':{'parts':[{'text':'a'}]}}", .kind = TAMAR_KIND_EMBEDDINGS, .model = "vertex-express/gemini-embedding-2", .prompt = "a", .dimensions = 8);
        REQUEST("", "{'systemInstruction':{'parts':[{'text':'s'}]}," HI, .kind = TAMAR_KIND_TOKENS, .model = "vertex-express/gemini-3-flash", .prompt = "Hi", .system = "s");
        REQUEST("", "{'generationConfig':{'responseModalities':['TEXT','IMAGE'],'imageConfig':{'imageOutputOptions':{'mimeType':'image/png'}}}," HI, .kind = TAMAR_KIND_IMAGES,
                .model = "vertex-express/gemini-3-pro-image", .prompt = "Hi", .image_format = "png");
        REQUEST("", "{'parameters':{'sampleCount':1,'seed':1,'addWatermark':false,'includeRaiReason':true},'instances':[{'prompt':'Hi'}]}", .kind = TAMAR_KIND_IMAGES,
                .model = "vertex-express/imagen-4.0", .prompt = "Hi", .seed = tamar_int(1));
    }
}

int main(int argc, char **argv)
{
    only = argc > 1 ? argv[1] : NULL;
    streams();
    parts();
    ends();
    errors();
    others();
    requests();
    conversations();
    products();
    golden_bytes(GOLDEN_HASH);
    return cases_done();
}
