// openai-chat, both ways. Requests: golden bytes, written from the vendors' documents, each encoded twice, with each
// allocation failing in turn, and read back as JSON. Answers: one case a known trap, each decoded whole, byte by byte, at
// every split and with each allocation failing; whatever the pieces, the events add up to the one right answer.
// An argument runs only the case of that name. JSON stands here with ' for ".
#define API "openai-chat"
#include "dialect.h"

#define GOLDEN_HASH UINT64_C(0xd60f6f1cbfc92f22)  // of all golden bodies, in order: 32-bit and big-endian builds must agree

#define DONE "data: [DONE]\n\n"
#define DELTA(members) D("{'choices':[{'index':0,'delta':{" members "}}]}")
#define FINISH(word) D("{'choices':[{'index':0,'delta':{},'finish_reason':'" word "'}]}")
#define CALLS(list) DELTA("'tool_calls':[" list "]")
#define STOP FINISH("stop") DONE
#define TOOLS FINISH("tool_calls") DONE
#define MESSAGE(members, finish) "{'id':'i','choices':[{'index':0,'message':{" members "},'finish_reason':'" finish "'}]}"

static void tool_deltas(void)
{
    CASE("delta-without-index")
    {
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",
               CALLS("{'id':'a','type':'function','function':{'name':'f','arguments':''}}")
               CALLS("{'function':{'arguments':'{\\'x\\''}}") CALLS("{'function':{'arguments':':1}'}}")
               CALLS("{'id':'b','type':'function','function':{'name':'g','arguments':'{\\'y\\':'}}")
               CALLS("{'function':{'arguments':'2}'}}") TOOLS);
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",  // the second one's name comes later than its id
               CALLS("{'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") CALLS("{'id':'b','function':{'arguments':'{\\'y\\''}}")
               CALLS("{'function':{'name':'g','arguments':':2}'}}") TOOLS);
    }
    CASE("index-minus-one")
    {
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",
               CALLS("{'index':-1,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'index':-1,'function':{'arguments':':1}'}}")
               CALLS("{'index':-1,'id':'b','function':{'name':'g','arguments':'{\\'y\\':2}'}}") TOOLS);
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",
               CALLS("{'index':-1,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") CALLS("{'index':-1,'id':'b','function':{'arguments':'{\\'y\\''}}")
               CALLS("{'index':-1,'function':{'name':'g','arguments':':2}'}}") TOOLS);
    }
    CASE("index-null-or-odd")
    {
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",
               CALLS("{'index':null,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'index':null,'function':{'arguments':':1}'}}")
               CALLS("{'index':'1','id':'b','function':{'name':'g','arguments':'{\\'y\\''}}") CALLS("{'index':1.0,'function':{'arguments':':2}'}}") TOOLS);
        STREAM("call a f {'x':1}; finish=tool_calls",  // counts from one, with holes
               CALLS("{'index':7,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'index':7,'function':{'arguments':':1}'}}") TOOLS);
    }
    CASE("index-missing-later")
    {
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'function':{'arguments':':1}'}}") TOOLS);
        STREAM("call a f {'x':1}; call b g {}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}")
               CALLS("{'index':1,'id':'b','function':{'name':'g','arguments':''}}") CALLS("{'id':'a','function':{'arguments':':1}'}}") TOOLS);
    }
    CASE("name-starts-a-call")  // neither id nor index
    {
        STREAM("call ~ f {'x':1}; call ~ g {'y':2}; finish=tool_calls",
               CALLS("{'function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'function':{'arguments':':1}'}}")
               CALLS("{'function':{'name':'g','arguments':'{\\'y\\':2}'}}") TOOLS);
    }
    CASE("id-repeated")
    {
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'index':0,'id':'a','function':{'arguments':':1}'}}") TOOLS);
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'id':'a','function':{'name':'f','arguments':':1}'}}") TOOLS);
    }
    CASE("id-and-name-blank-later")
    {
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':''}}")
               CALLS("{'index':0,'id':'','function':{'name':'','arguments':'{\\'x\\''}}")
               CALLS("{'index':0,'id':null,'function':{'name':null,'arguments':':1}'}}") TOOLS);
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'id':'a','function':{'name':'f','arguments':''}}") CALLS("{'id':'','function':{'name':'','arguments':'{\\'x\\''}}")
               CALLS("{'id':null,'function':{'name':null,'arguments':':1}'}}") TOOLS);
    }
    CASE("id-new-on-each-delta")
    {
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}")
               CALLS("{'index':0,'id':'b','function':{'name':'f','arguments':':'}}") CALLS("{'index':0,'id':'c','function':{'arguments':'1}'}}") TOOLS);
    }
    CASE("id-late")
    {
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':':1}'}}") TOOLS);
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") TOOLS);
    }
    CASE("name-repeated")
    {
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\''}}") CALLS("{'index':0,'function':{'name':'f','arguments':':1}'}}") TOOLS);
    }
    CASE("name-late")  // nobody is told of a call before its name is known
    {
        input in = streamed();
        text b = { NULL, 0, 0 };
        tamar_decoder_desc desc;
        tamar_decoder *d;
        tamar_event e;
        const char *first = CALLS("{'index':0,'id':'a','function':{'arguments':'{\\'x\\''}}");
        const char *second = CALLS("{'index':0,'function':{'name':'f','arguments':':1}'}}");
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'arguments':'{\\'x\\''}}") CALLS("{'index':0,'function':{'name':'f','arguments':':1}'}}") TOOLS);
        STREAM("call a f {'x':1}; finish=tool_calls",
               CALLS("{'id':'a','function':{'arguments':'{\\'x\\''}}") CALLS("{'function':{'name':'f','arguments':':1}'}}") TOOLS);
        memset(&desc, 0, sizeof desc);
        desc.stream = in.stream;
        d = tamar_decoder_open(&desc);
        add_json(&b, first);
        tamar_decoder_feed(d, b.ptr, b.len);
        while (tamar_decoder_next_event(d, &e)) CHECK(e.type != TAMAR_EVENT_TOOL_CALL);
        clear(&b);
        add_json(&b, second);
        tamar_decoder_feed(d, b.ptr, b.len);
        CHECK(tamar_decoder_next_event(d, &e) && e.type == TAMAR_EVENT_TOOL_CALL);
        CHECK_STR(e.text, "{\"x\":1}");
        CHECK_STR(e.tool_name, "f");
        tamar_decoder_close(d);
        drop(&b);
    }
    CASE("name-never")
    {
        STREAM("call a  {'x':1}; finish=tool_calls; warn=tool_calls", CALLS("{'index':0,'id':'a','function':{'arguments':'{\\'x\\':1}'}}") TOOLS);
    }
    CASE("arguments-object")
    {
        STREAM("call a f {'x':1}; finish=tool_calls", CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':{'x':1}}}") TOOLS);
        BODY("call a f {'x':[1,2]}; finish=tool_calls",
             MESSAGE("'content':null,'tool_calls':[{'id':'a','type':'function','function':{'name':'f','arguments':{'x':[1,2]}}}]", "tool_calls"));
    }
    CASE("arguments-empty")
    {
        STREAM("call a f {}; finish=tool_calls", CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") TOOLS);
        STREAM("call a f {}; finish=tool_calls", CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':null}}") TOOLS);
        STREAM("call a f {}; finish=tool_calls", CALLS("{'index':0,'id':'a','function':{'name':'f'}}") TOOLS);
        STREAM("call a f {}; finish=tool_calls", CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':' \\n '}}") TOOLS);
        STREAM("call a f {}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':' '}}") CALLS("{'index':0,'function':{'arguments':' '}}") TOOLS);
        BODY("call a f {}; finish=tool_calls", MESSAGE("'tool_calls':[{'id':'a','function':{'name':'f','arguments':''}}]", "tool_calls"));
    }
    CASE("function-null")
    {
        STREAM("call a f {}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") CALLS("{'index':0,'function':null}")
               CALLS("{'index':0,'function':{'arguments':'}'}}") TOOLS);
        STREAM("text=x; finish=stop", DELTA("'content':'x','tool_calls':null") DELTA("'tool_calls':[]") DELTA("'tool_calls':[null]") STOP);
    }
    CASE("arguments-kept-as-they-came")
    {
        STREAM("call a f {'x':; finish=length; warn=tool_arguments",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':'}}") FINISH("length") DONE);
        STREAM("call a f {'x':1} ; finish=tool_calls",  // a prefix that parses is not the end
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") CALLS("{'index':0,'function':{'arguments':' '}}") TOOLS);
    }
    CASE("interleaved")
    {
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':''}},{'index':1,'id':'b','function':{'name':'g','arguments':''}}")
               CALLS("{'index':1,'function':{'arguments':'{\\'y\\''}}") CALLS("{'index':0,'function':{'arguments':'{\\'x\\''}}")
               CALLS("{'index':1,'function':{'arguments':':2}'}},{'index':0,'function':{'arguments':':1}'}}") TOOLS);
    }
    CASE("index-reused-with-new-id")
    {
        STREAM("call a f {'x':1}; call b f {'x':2}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}")
               CALLS("{'index':0,'id':'b','function':{'name':'f','arguments':'{\\'x\\':2}'}}") TOOLS);
    }
    CASE("index-reused-with-new-name")
    {
        STREAM("call ~ f {'x':1}; call ~ g {'y':2}; finish=tool_calls",
               CALLS("{'index':0,'function':{'name':'f','arguments':'{\\'x\\':1}'}}") CALLS("{'index':0,'function':{'name':'g','arguments':'{\\'y\\':2}'}}") TOOLS);
        STREAM("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}")
               CALLS("{'index':0,'id':'b','function':{'name':'g','arguments':'{\\'y\\''}}") CALLS("{'index':0,'function':{'arguments':':2}'}}") TOOLS);
    }
    CASE("id-missing")
    {
        STREAM("call ~ f {}; call ~ g {}; finish=tool_calls",
               CALLS("{'index':0,'id':'','function':{'name':'f','arguments':'{}'}}") CALLS("{'index':1,'function':{'name':'g','arguments':'{}'}}") TOOLS);
        BODY("call ~ f {}; call ~ f {}; finish=tool_calls",
             MESSAGE("'tool_calls':[{'id':'','function':{'name':'f','arguments':'{}'}},{'function':{'name':'f','arguments':'{}'}}]", "tool_calls"));
    }
    CASE("id-twice")
    {
        STREAM("call a f {}; call ~ g {}; finish=tool_calls; warn=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") CALLS("{'index':1,'id':'a','function':{'name':'g','arguments':'{}'}}") TOOLS);
    }
    CASE("id-twice-in-a-document")  // its elements are whole calls, whatever their ids
    {
        BODY("call a f {'x':1}; call ~ g {'y':2}; finish=tool_calls; warn=tool_calls",
             MESSAGE("'tool_calls':[{'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}},{'id':'a','function':{'name':'g','arguments':'{\\'y\\':2}'}}]",
                     "tool_calls"));
        BODY("call a f {'x':1}; call ~ f {'x':2}; finish=tool_calls; warn=tool_calls",
             MESSAGE("'tool_calls':[{'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}},{'id':'a','function':{'name':'f','arguments':'{\\'x\\':2}'}}]",
                     "tool_calls"));
        BODY("call a f {'x':1}; call b g {'y':2}; finish=tool_calls",  // an index that never counts
             MESSAGE("'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}},{'index':0,'id':'b','function':{'name':'g','arguments':'{\\'y\\':2}'}}]",
                     "tool_calls"));
    }
    CASE("id-twice-with-another-name")
    {
        STREAM("call a f {'x':1}; call ~ g {'y':2}; finish=tool_calls; warn=tool_calls",
               CALLS("{'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") CALLS("{'id':'a','function':{'name':'g','arguments':'{\\'y\\':2}'}}") TOOLS);
    }
    CASE("function-call")  // the old way
    {
        STREAM("call ~ f {'x':1}; finish=tool_calls(function_call)",
               DELTA("'function_call':{'name':'f','arguments':'{\\'x\\''}") DELTA("'function_call':{'arguments':':1}'}") FINISH("function_call") DONE);
        BODY("text=x; finish=stop", MESSAGE("'content':'x','function_call':{'name':'','arguments':''}", "stop"));
        BODY("call ~ f {'x':1}; finish=tool_calls(function_call)", MESSAGE("'content':null,'function_call':{'name':'f','arguments':'{\\'x\\':1}'}", "function_call"));
    }
    CASE("custom-call")  // free text, carried as a JSON string
    {
        BODY("call a f 'x \\\\ y'; finish=tool_calls", MESSAGE("'tool_calls':[{'id':'a','type':'custom','custom':{'name':'f','input':'x \\\\ y'}}]", "tool_calls"));
        STREAM("call a f 'xy'; finish=tool_calls",
               CALLS("{'index':0,'id':'a','type':'custom','custom':{'name':'f','input':'x'}}") CALLS("{'index':0,'type':'custom','custom':{'input':'y'}}") TOOLS);
    }
    CASE("calls-and-text")
    {
        check_parts("part 7 r; part 0 a; part 5 {}; part 0 b; ",
                    DELTA("'reasoning':'r'") DELTA("'content':'a'") CALLS("{'index':0,'id':'c','function':{'name':'f','arguments':'{}'}}") DELTA("'content':'b'") TOOLS);
    }
    CASE("extra-content-kept")
    {
        const char *stream = CALLS("{'index':0,'id':'c','extra_content':{'google':{'thought_signature':'AbC+/='}},'function':{'name':'f','arguments':'{}'}}") TOOLS;
        check_parts("part 5 {}; opaque {\"google\":{\"thought_signature\":\"AbC+/=\"}}; origin openai-chat; ", stream);
        STREAM("call c f {}; finish=tool_calls", stream);
    }
}

static void choices_and_usage(void)
{
    CASE("choices-empty")
    {
        STREAM("text=Hi; finish=stop; usage in 3 out 1 total 4",
               D("{'id':'','object':'','created':0,'model':'','prompt_filter_results':[{'prompt_index':0}],'choices':[]}")
               DELTA("'role':'assistant','content':''") DELTA("'content':'Hi'") FINISH("stop")
               D("{'choices':[],'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}") DONE);
    }
    CASE("choices-missing")
    {
        STREAM("text=Hi; finish=stop; usage in 3 out 1 total 4",
               D("{'object':'ping','message':'alive'}") D("{'choices':null}") DELTA("'content':'Hi'") FINISH("stop")
               D("{'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}") DONE);
    }
    CASE("choices-other-than-the-first")
    {
        STREAM("text=Hi; finish=stop",
               D("{'choices':[{'index':1,'delta':{'content':'no'}},{'index':0,'delta':{'content':'Hi'}}]}")
               D("{'choices':[{'index':1,'delta':{},'finish_reason':'length'}]}") STOP);
        BODY("text=Hi; finish=stop",
             "{'choices':[{'index':0,'message':{'content':'Hi'},'finish_reason':'stop'},{'index':1,'message':{'content':'no'},'finish_reason':'length'}]}");
        BODY("text=Hi; finish=stop",
             "{'choices':[{'message':{'content':'Hi'},'finish_reason':'stop'},{'message':{'content':'no'},'finish_reason':'length'}]}");
    }
    CASE("usage-null")
    {
        STREAM("text=Hi; finish=stop; usage in 3 out 1 total 4",
               D("{'choices':[{'index':0,'delta':{'content':'Hi'}}],'usage':null}")
               D("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'usage':null}")
               D("{'choices':[],'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}") D("{'choices':[],'usage':null}") DONE);
    }
    CASE("usage-on-the-finish-chunk")
    {
        STREAM("text=Hi; finish=stop; usage in 3 out 1 total 4",
               DELTA("'content':'Hi'")
               D("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}") DONE);
    }
    CASE("usage-on-every-chunk")  // the last one counts, whole
    {
        STREAM("text=Hi!; finish=stop; usage in 3 out 2 total 5",
               D("{'choices':[{'index':0,'delta':{'content':'Hi'}}],'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4,'completion_tokens_details':{'reasoning_tokens':1}}}")
               D("{'choices':[{'index':0,'delta':{'content':'!'}}],'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5}}") STOP);
    }
    CASE("usage-never")
    {
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") STOP);
    }
    CASE("usage-of-groq")
    {
        STREAM("text=Hi; finish=stop; usage in 3 out 1 total 4",
               D("{'id':'i','choices':[{'index':0,'delta':{'content':'Hi'}}],'x_groq':{'id':'req_1'}}")
               D("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],'x_groq':{'id':'req_1','usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}}") DONE);
    }
    CASE("usage-details")
    {
        BODY("text=x; finish=stop; usage in 10 out 5 total 15 cached 4 written 2 reasoning 3",
             "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}],'usage':{'prompt_tokens':10,'completion_tokens':5,'total_tokens':15,"
             "'prompt_tokens_details':{'cached_tokens':4,'cache_write_tokens':2,'audio_tokens':0},'completion_tokens_details':{'reasoning_tokens':3}}}");
        BODY("text=x; finish=stop; usage in 10 out 5 total 15 cached 4",  // absent is not zero
             "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}],'usage':{'prompt_tokens':10,'completion_tokens':5,'total_tokens':15,"
             "'prompt_cache_hit_tokens':4,'prompt_cache_miss_tokens':6,'prompt_tokens_details':null}}");
    }
    CASE("usage-names")  // under all its names, in any order, and only where it belongs
    {
#define USAGE(want, members) BODY("text=x; finish=stop; usage " want, "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}],'usage':{" members "}}")
        USAGE("in 10 out 5 total 15", "'input_tokens':10,'output_tokens':5,'total_tokens':15");
        USAGE("in 10 out 5 total 15", "'total_tokens':15,'completion_tokens':5,'prompt_tokens':10");
        USAGE("in 10 out 5", "'prompt_tokens':10,'input_tokens':99,'completion_tokens':5,'output_tokens':98");
        USAGE("in 10 out 5", "'input_tokens':99,'prompt_tokens':10,'output_tokens':98,'completion_tokens':5");
        USAGE("in 99 out 5", "'prompt_tokens':null,'input_tokens':99,'completion_tokens':5");
        USAGE("in 10 out 5 cached 4 written 2 reasoning 3", "'completion_tokens_details':{'reasoning_tokens':3},'prompt_tokens_details':{'cache_write_tokens':2,'cached_tokens':4},'completion_tokens':5,'prompt_tokens':10");
        USAGE("in 10 out 5 cached 4 reasoning 3", "'input_tokens':10,'output_tokens':5,'input_tokens_details':{'cached_tokens':4},'output_tokens_details':{'reasoning_tokens':3}");
        USAGE("in 10 out 5 cached 4 reasoning 3", "'prompt_tokens':10,'completion_tokens':5,'cached_tokens':4,'reasoning_tokens':3");
        USAGE("in 10 out 5 cached 4 reasoning 3", "'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':4},'completion_tokens_details':{'reasoning_tokens':3},'cached_tokens':9,'reasoning_tokens':8");
        USAGE("in 10 out 5 cached 4", "'prompt_tokens':10,'completion_tokens':5,'num_cached_tokens':4");
        USAGE("in 10 out 5 written 4", "'prompt_tokens':10,'completion_tokens':5,'cache_creation_input_tokens':4");
        USAGE("in 10 out 5", "'prompt_tokens':10,'completion_tokens':5,'cost_details':{'prompt_tokens':77,'reasoning_tokens':78,'cached_tokens':79},'x':[{'total_tokens':80}]");
        USAGE("in 10 out 5", "'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':[],'completion_tokens_details':'','total_tokens':{}");
        USAGE("in 10 out 5 total 15 cached 0 reasoning 0", "'prompt_tokens':10,'completion_tokens':5,'total_tokens':15,'prompt_tokens_details':{'cached_tokens':0},'completion_tokens_details':{'reasoning_tokens':0}");
    }
    CASE("usage-huge")  // no sum of them may overflow
    {
        USAGE("in 9223372036854775807 out 9223372036854775807 total 0 reasoning 1",
              "'prompt_tokens':9223372036854775807,'completion_tokens':9223372036854775807,'total_tokens':0,'reasoning_tokens':1");
        USAGE("in 0 out 1 total 9223372036854775807 reasoning 9223372036854775807",
              "'prompt_tokens':0,'completion_tokens':1,'total_tokens':9223372036854775807,'reasoning_tokens':9223372036854775807");
        USAGE("out 5", "'prompt_tokens':9223372036854775808,'completion_tokens':5");
    }
    CASE("usage-reasoning-outside")  // xAI: the total tells
    {
        BODY("text=x; finish=stop; usage in 12 out 229 total 241 cached 2 reasoning 228",
             "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}],'usage':{'prompt_tokens':12,'completion_tokens':1,'total_tokens':241,"
             "'prompt_tokens_details':{'cached_tokens':2},'completion_tokens_details':{'reasoning_tokens':228}}}");
    }
    CASE("usage-reasoning-inside")
    {
        BODY("text=x; finish=stop; usage in 12 out 30 total 42 reasoning 28",
             "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}],'usage':{'prompt_tokens':12,'completion_tokens':30,'total_tokens':42,"
             "'completion_tokens_details':{'reasoning_tokens':28}}}");
    }
    CASE("usage-odd-numbers")
    {
        BODY("text=x; finish=stop; usage in 12 total 42 cached 9007199254740993",
             "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}],'usage':{'prompt_tokens':12.0,'completion_tokens':null,'total_tokens':'42',"
             "'prompt_tokens_details':{'cached_tokens':9007199254740993},'completion_tokens_details':{'reasoning_tokens':-1}}}");
    }
    CASE("integers-as-floats")
    {
        input in = whole_body(200);
        outcome o;
        text b = { NULL, 0, 0 };
        size_t end, i;
        static const char *const forms[] = { "1.7e9", "1700000000.0", "1700000000", "'1700000000'" };
        for (i = 0; i < 4; i++) {
            clear(&b);
            add_json(&b, "{'id':'i','created':");
            add_json(&b, forms[i]);
            add_json(&b, ",'choices':[{'message':{'content':'x'},'finish_reason':'stop'}]}");
            in.body = b.ptr, in.len = end = b.len;
            run(&in, &end, 1, true, NULL, NULL, 0, &o);
            CHECKF(strstr(o.full.ptr, "created 1700000000; ") != NULL, "%s", forms[i]);
            outcome_drop(&o);
        }
        STREAM("text=x; finish=stop", D("{'created':0,'choices':[{'index':0.0,'delta':{'content':'x'}}]}") D("{'created':null,'choices':[{'index':'0','delta':{},'finish_reason':'stop'}]}") DONE);
        drop(&b);
    }
    CASE("id-and-model-first-seen")
    {
        input in = streamed();
        outcome o;
        text b = { NULL, 0, 0 };
        size_t end;
        add_json(&b, D("{'id':'','model':'','created':0,'choices':[]}") D("{'id':'i','model':'m','created':5,'choices':[]}")
                         D("{'id':'j','model':'n','created':6,'choices':[{'delta':{'content':'x'}}]}") STOP);
        in.body = b.ptr, in.len = end = b.len;
        run(&in, &end, 1, true, NULL, NULL, 0, &o);
        CHECK(strstr(o.full.ptr, "created 5; id i; model m; ") != NULL);
        outcome_drop(&o);
        drop(&b);
    }
}

static void deltas(void)
{
    CASE("delta-absent")
    {
        STREAM("text=Hi; finish=stop",
               DELTA("'content':'Hi'") D("{'choices':[{'index':0,'finish_reason':null,'content_filter_results':{}}]}") D("{'choices':[{'index':0,'delta':null}]}")
               FINISH("stop") D("{'id':'','choices':[{'index':0,'finish_reason':null,'content_filter_offsets':{}}]}") DONE);
        STREAM("text=Hi; finish=content_filter",
               DELTA("'content':'Hi'") D("{'choices':[{'index':0,'finish_reason':'content_filter','content_filter_results':{'hate':{'filtered':true}}}]}") DONE);
    }
    CASE("role-repeated-or-blank")
    {
        STREAM("text=Hi; finish=stop", DELTA("'role':'assistant','content':'H'") DELTA("'role':'','content':'i'") DELTA("'role':'assistant'") STOP);
    }
    CASE("content-null-or-blank")
    {
        STREAM("text=Hi; finish=stop",
               DELTA("'role':'assistant','content':null,'refusal':null") DELTA("'content':''") DELTA("'content':'Hi'") DELTA("'content':null") DELTA("") STOP);
        check_parts("part 7 r; part 0 Hi; ", DELTA("'role':'assistant','content':''") DELTA("'content':'','reasoning':'r'") DELTA("'content':'Hi','reasoning':''") STOP);
    }
    CASE("content-array")
    {
        STREAM("text=ab; reasoning=why; finish=stop",
               DELTA("'content':[{'type':'thinking','thinking':[{'type':'text','text':'wh'}]}]")
               DELTA("'content':[{'type':'thinking','thinking':[{'type':'text','text':'y'}]},{'type':'text','text':'a'}]")
               DELTA("'content':[{'type':'text','text':'b'},null,5,{'type':'new'}]") STOP);
        BODY("text=ab; reasoning=why; finish=stop",
             MESSAGE("'content':[{'type':'thinking','thinking':'why'},{'type':'text','text':'a'},'b']", "stop"));
        BODY("text=a; refusal=no; finish=refusal(stop)", MESSAGE("'content':[{'type':'text','text':'a'},{'type':'refusal','refusal':'no'}]", "stop"));
    }
    CASE("content-object")
    {
        BODY("text={'a': 1}; finish=stop", MESSAGE("'content':{'a': 1}", "stop"));
        STREAM("text={'a':1}; finish=stop", DELTA("'content':{'a':1}") STOP);
    }
    CASE("content-beside-finish")
    {
        STREAM("text=Hi; finish=stop", D("{'choices':[{'index':0,'delta':{'content':'Hi'},'finish_reason':'stop'}]}") DONE);
        STREAM("call a f {}; finish=tool_calls",
               D("{'choices':[{'index':0,'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}]},'finish_reason':'tool_calls'}]}") DONE);
        STREAM("text=Hi!; finish=stop", D("{'choices':[{'index':0,'delta':{'content':'Hi'},'finish_reason':'stop'}]}") DELTA("'content':'!'") DONE);
    }
    CASE("finish-null-later")
    {
        STREAM("text=Hi; finish=length",
               DELTA("'content':'Hi'") FINISH("length") D("{'choices':[{'index':0,'delta':{},'finish_reason':null}]}")
               D("{'choices':[{'index':0,'delta':{},'finish_reason':''}]}") DONE);
    }
    CASE("finish-words")
    {
        static const char *const table[][2] = {
            { "stop", "stop" }, { "eos", "stop(eos)" }, { "length", "length" }, { "model_length", "length(model_length)" },
            { "max_tokens", "length(max_tokens)" }, { "content_filter", "content_filter" }, { "sensitive", "content_filter(sensitive)" },
            { "error", "error" }, { "abort", "error(abort)" }, { "insufficient_system_resource", "error(insufficient_system_resource)" },
            { "network_error", "error(network_error)" }, { "something_new", "other(something_new)" }, { "STOP", "stop(STOP)" },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            text b = { NULL, 0, 0 }, w = { NULL, 0, 0 };
            adds(&b, DELTA("'content':'Hi'") "data: {'choices':[{'index':0,'delta':{},'finish_reason':'");
            adds(&b, table[i][0]);
            adds(&b, "'}]}\n\n" DONE);
            adds(&w, "text=Hi; finish=");
            adds(&w, table[i][1]);
            STREAM(w.ptr, b.ptr);
            drop(&b);
            drop(&w);
        }
    }
    CASE("finish-stop-with-calls")
    {
        STREAM("call a f {}; finish=tool_calls(stop)", CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") STOP);
        STREAM("call a f {}; finish=tool_calls(stop)", CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") FINISH("tool_calls") STOP);
        BODY("call a f {}; finish=tool_calls(stop)", MESSAGE("'content':'','tool_calls':[{'id':'a','function':{'name':'f','arguments':'{}'}}]", "stop"));
        BODY("call a f {; finish=length; warn=tool_arguments", MESSAGE("'tool_calls':[{'id':'a','function':{'name':'f','arguments':'{'}}]", "length"));
    }
    CASE("finish-calls-without-calls")
    {
        BODY("text=x; finish=tool_calls", MESSAGE("'content':'x','tool_calls':[]", "tool_calls"));
    }
    CASE("finish-missing-but-done")
    {
        STREAM("text=Hi", DELTA("'content':'Hi'") DONE);
    }
    CASE("finish-before-usage")
    {
        STREAM("text=Hi; finish=stop; usage in 3 out 1 total 4",
               DELTA("'content':'Hi'") FINISH("stop") ": keep-alive\n\n" D("{'choices':[],'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}") DONE);
    }
    CASE("refusal")
    {
        STREAM("refusal=I cannot.; finish=refusal(stop)", DELTA("'refusal':'I '") DELTA("'refusal':'cannot.'") STOP);
        BODY("refusal=I cannot.; finish=refusal(stop)", MESSAGE("'content':null,'refusal':'I cannot.'", "stop"));
        BODY("refusal=no; finish=content_filter", MESSAGE("'content':null,'refusal':'no'", "content_filter"));
    }
    CASE("refusal-false")
    {
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi','refusal':false") DELTA("'refusal':''") DELTA("'refusal':null") DELTA("'refusal':{}") STOP);
        BODY("text=Hi; finish=stop", MESSAGE("'content':'Hi','refusal':false", "stop"));
    }
    CASE("reasoning-names")
    {
        static const char *const names[] = { "reasoning_content", "reasoning", "reasoning_text", "thinking" };
        size_t i;
        for (i = 0; i < 4; i++) {
            text b = { NULL, 0, 0 };
            addf(&b, "data: {'choices':[{'index':0,'delta':{'%s':'wh','content':null}}]}\n\ndata: {'choices':[{'index':0,'delta':{'%s':'y','content':''}}]}\n\n",
                 names[i], names[i]);
            adds(&b, DELTA("'content':'so'") STOP);
            STREAM("text=so; reasoning=why; finish=stop", b.ptr);
            clear(&b);
            addf(&b, "{'choices':[{'message':{'content':'so','%s':'why'},'finish_reason':'stop'}]}", names[i]);
            BODY("text=so; reasoning=why; finish=stop", b.ptr);
            drop(&b);
        }
    }
    CASE("reasoning-twice")  // the same text under two names
    {
        STREAM("text=so; reasoning=why; finish=stop",
               DELTA("'reasoning':'wh','reasoning_content':'wh'") DELTA("'reasoning_content':'y','reasoning':'y'") DELTA("'content':'so','reasoning':null,'reasoning_content':''") STOP);
        BODY("text=so; reasoning=why; finish=stop", MESSAGE("'content':'so','reasoning':'why','reasoning_content':'why'", "stop"));
        STREAM("text=so; reasoning=why; finish=stop",
               DELTA("'content':'','reasoning':'why','reasoning_details':[{'type':'reasoning.text','text':'why','index':0}]") DELTA("'content':'so'") STOP);
    }
    CASE("reasoning-blank-then-other-name")
    {
        STREAM("text=so; reasoning=why; finish=stop", DELTA("'reasoning_content':'','reasoning':'why'") DELTA("'content':'so'") STOP);
    }
    CASE("reasoning-details")
    {
        STREAM("text=so; reasoning=why; finish=stop",
               DELTA("'reasoning_details':[{'type':'reasoning.text','text':'wh'}]") DELTA("'reasoning_details':[{'type':'reasoning.summary','summary':'y'}]")
               DELTA("'content':'so'") STOP);
    }
    CASE("reasoning-steps")
    {
        STREAM("text=so; reasoning=why; finish=stop",
               DELTA("'role':'assistant','reasoning_steps':[{'thought':'wh','type':'web_search'}]") DELTA("'reasoning_steps':[{'thought':'y'}]") DELTA("'content':'so'") STOP);
    }
    CASE("reasoning-inline")  // what is in the answer stays there
    {
        BODY("text=<think>why</think>so; finish=stop", MESSAGE("'content':'<think>why</think>so'", "stop"));
    }
    CASE("perplexity-cumulative")
    {
        STREAM("text=One two; cite=https://a/ A; cite=https://b/; finish=stop; usage in 3 out 2 total 5",
               D("{'choices':[{'index':0,'message':{'role':'assistant','content':'One'},'delta':{'role':'assistant','content':'One'}}],'citations':['https://a/','https://b/'],'search_results':[{'title':'A','url':'https://a/'}],'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}")
               D("{'choices':[{'index':0,'message':{'role':'assistant','content':'One two'},'delta':{'content':' two'}}],'citations':['https://a/','https://b/'],'search_results':[{'title':'A','url':'https://a/'}],'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5}}")
               D("{'choices':[{'index':0,'message':{'role':'assistant','content':'One two'},'delta':{'content':''},'finish_reason':'stop'}],'citations':['https://a/']}"));
    }
    CASE("annotations")
    {
        BODY("text=x; cite=https://a/ A; finish=stop",
             MESSAGE("'content':'x','annotations':[{'type':'url_citation','url_citation':{'url':'https://a/','title':'A','start_index':0}},{'type':'url_citation','url_citation':{'url':'https://a/'}}]", "stop"));
    }
    CASE("images")
    {
        BODY("text=x; image=image/png,AAAA; image=https://i/; finish=stop",
             MESSAGE("'content':'x','images':[{'type':'image_url','image_url':{'url':'data:image/png;base64,AAAA'}},{'image_url':{'url':'https://i/'}}]", "stop"));
    }
}

static void utf8(void)
{
    CASE("character-over-deltas")
    {
        STREAM("text=a\xE2\x82\xACz; finish=stop", DELTA("'content':'a\xE2'") DELTA("'content':'\x82'") DELTA("'content':'\xACz'") STOP);
        STREAM("reasoning=\xF0\x9F\x98\x80; finish=stop", DELTA("'reasoning':'\xF0\x9F'") DELTA("'reasoning':'\x98\x80'") STOP);
        STREAM("call a f {'x':'\xC3\xA9'}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'\xC3'}}") CALLS("{'index':0,'function':{'arguments':'\xA9\\'}'}}") TOOLS);
    }
    CASE("surrogates-over-deltas")
    {
        STREAM("text=a\xF0\x9F\x98\x80z; finish=stop", DELTA("'content':'a\\ud83d'") DELTA("'content':'\\ude00z'") STOP);
        STREAM("text=\xF0\x9F\x98\x80; finish=stop", DELTA("'content':'\\ud83d'") DELTA("'content':''") DELTA("'content':null") DELTA("'content':'\\ude00'") STOP);
        STREAM("call a f {'x':'\xF0\x9F\x98\x80'}; finish=tool_calls",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'\\ud83d'}}") CALLS("{'index':0,'function':{'arguments':'\\ude00\\'}'}}") TOOLS);
        STREAM("text=ab; reasoning=\xF0\x9F\x98\x80; finish=stop",  // each text has its own half
               DELTA("'reasoning':'\\ud83d'") DELTA("'content':'a'") DELTA("'reasoning':'\\ude00'") DELTA("'content':'b'") STOP);
    }
    CASE("surrogate-alone")
    {
        STREAM("text=a\xEF\xBF\xBD" "b; finish=stop; warn=utf8", DELTA("'content':'a\\ud83d'") DELTA("'content':'b'") STOP);
        STREAM("text=a\xEF\xBF\xBD; finish=stop; warn=utf8", DELTA("'content':'a\\ud83d'") STOP);
        STREAM("text=\xEF\xBF\xBD" "b; finish=stop; warn=utf8", DELTA("'content':'\\ude00b'") STOP);
        STREAM("text=\xEF\xBF\xBD\xF0\x9F\x98\x80; finish=stop; warn=utf8", DELTA("'content':'\\ud83d'") DELTA("'content':'\\ud83d\\ude00'") STOP);
        BODY("text=\xEF\xBF\xBD; finish=stop; warn=utf8", MESSAGE("'content':'\\udc00'", "stop"));
    }
    CASE("bytes-that-are-no-text")
    {
        STREAM("text=a\xEF\xBF\xBD" "b; finish=stop; warn=utf8", DELTA("'content':'a\xFF'") DELTA("'content':'b'") STOP);
        STREAM("text=a\xEF\xBF\xBD; finish=stop; warn=utf8", DELTA("'content':'a\xE2\x82'") STOP);
        STREAM("text=a\xEF\xBF\xBD" "b; finish=stop; warn=utf8", DELTA("'content':'a\xE2\x82'") DELTA("'content':'b'") STOP);
        BODY("text=\xEF\xBF\xBD\xEF\xBF\xBD; finish=stop; warn=utf8", MESSAGE("'content':'\xC0\x80'", "stop"));
    }
    CASE("no-text-in-arguments")  // mended like any text, and never silently
    {
        STREAM("call a f {'x':'\xEF\xBF\xBD'}; finish=tool_calls; warn=utf8",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'\xFF\\'}'}}") TOOLS);
        STREAM("call a f {'x':'\xEF\xBF\xBD'}; finish=tool_calls; warn=utf8",
               CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'\\ud83d'}}") CALLS("{'index':0,'function':{'arguments':'\\'}'}}") TOOLS);
    }
    CASE("no-text-in-arguments-object")
    {
        STREAM("call a f {'x':'\xEF\xBF\xBD'}; finish=tool_calls; warn=utf8", CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':{'x':'\xFF'}}}") TOOLS);
    }
    CASE("no-text-in-content-object")
    {
        BODY("text={'x':'\xEF\xBF\xBD'}; finish=stop; warn=utf8", MESSAGE("'content':{'x':'\xFF'}", "stop"));
    }
    CASE("escapes")
    {
        STREAM("text='\\/\b\f\n\r\t\xC3\xA9; finish=stop", DELTA("'content':'\\'\\\\\\/\\b\\f\\n\\r\\t\\u00e9'") STOP);
    }
    CASE("nul-in-text")
    {
        input in = whole_body(200);
        tamar_decoder *d;
        tamar_decoder_desc desc;
        const tamar_response *r;
        const char *b = "{\"choices\":[{\"message\":{\"content\":\"a\\u0000b\"},\"finish_reason\":\"stop\"}]}";
        (void)in;
        memset(&desc, 0, sizeof desc);
        d = tamar_decoder_open(&desc);
        tamar_decoder_feed(d, b, strlen(b));
        r = tamar_decoder_end(d, true);
        CHECK(r->text.len == 3 && !memcmp(r->text.ptr, "a\0b", 4));
        tamar_decoder_close(d);
    }
}

static void errors(void)
{
    CASE("error-object")
    {
        REFUSED(400, "error=bad_request 400 code unsupported_parameter type invalid_request_error param max_tokens",
                "{'error':{'message':'m','type':'invalid_request_error','param':'max_tokens','code':'unsupported_parameter'}}");
        REFUSED(401, "error=auth 401 code invalid_api_key type invalid_request_error",
                "{'error':{'message':'m','type':'invalid_request_error','param':null,'code':'invalid_api_key'}}");
        REFUSED(404, "error=model_not_found 404 code model_not_found type invalid_request_error",
                "{'error':{'message':'m','type':'invalid_request_error','param':null,'code':'model_not_found'}}");
        REFUSED(500, "error=server 500 type server_error retry", "{'error':{'message':'m','type':'server_error','param':null,'code':null}}");
    }
    CASE("error-numeric-code")
    {
        REFUSED(400, "error=bad_request 400 code 400 type BadRequestError", "{'error':{'message':'m','type':'BadRequestError','param':null,'code':400}}");
        REFUSED(401, "error=auth 401 code 401", "{'error':{'message':'m','code':401}}");
        BODY("error=billing 200 code 402", "{'error':{'message':'m','code':402}}");
        BODY("error=overloaded 200 code 503 retry", "{'error':{'message':'m','code':503}}");
        BODY("error=rate 200 code 429 retry", "{'error':{'message':'m','code':'429'}}");
    }
    CASE("error-string")
    {
        input in = whole_body(404);
        outcome o;
        text b = { NULL, 0, 0 };
        size_t end;
        REFUSED(404, "error=model_not_found 404", "{'error':'model m is not pulled'}");
        BODY("error=server 200 retry", "{'error':'boom'}");
        BODY("error=server 200 code c retry", "{'code':'c','error':'boom'}");
        STREAM("text=Hi; error=server 200 retry", DELTA("'content':'Hi'") D("{'error':'boom','choices':[]}"));
        add_json(&b, "{'error':'model m is not pulled'}");
        in.body = b.ptr, in.len = end = b.len;
        run(&in, &end, 1, true, NULL, NULL, 0, &o);
        CHECK(strstr(o.full.ptr, "model m is not pulled") != NULL);
        outcome_drop(&o);
        drop(&b);
    }
    CASE("error-nested")
    {
        static const char *const bodies[] = {
            "{'error':{'message':{'detail':'wrong'}}}", "{'error':{'error':{'message':'wrong'}}}", "{'error':[{'message':'wrong'}]}",
            "[{'error':{'code':400,'message':'wrong','status':'INVALID_ARGUMENT'}}]", "{'detail':'wrong'}", "{'detail':[{'loc':['body','x'],'msg':'wrong','type':'v'}]}",
            "{'message':'wrong'}", "{'object':'error','message':'wrong','type':'invalid_request_error','param':null,'code':1}", "{'error':{'msg':'wrong'}}",
            "{'detail':{'error':'wrong'}}", "{'errors':['wrong']}", "{'error_msg':'wrong','error_code':7}", "{'statusCode':400,'message':'wrong'}", "wrong",
            "'wrong'", "<html>wrong</html>",
        };
        size_t i;
        for (i = 0; i < sizeof bodies / sizeof *bodies; i++) {
            input in = whole_body(400);
            text b = { NULL, 0, 0 };
            tamar_decoder_desc desc;
            tamar_decoder *d;
            const tamar_response *r;
            outcome o;
            memset(&desc, 0, sizeof desc);
            desc.status = 400;
            add_json(&b, bodies[i]);
            d = tamar_decoder_open(&desc);
            tamar_decoder_feed(d, b.ptr, b.len);
            r = tamar_decoder_end(d, true);
            CHECKF(r->error.category == TAMAR_BAD_REQUEST, "%s: %s", b.ptr, tamar_category_name(r->error.category));
            CHECKF(strstr(r->error.message, "wrong") && (b.ptr[0] != '{' || !strcmp(r->error.message, "wrong")), "%s: %s", b.ptr, r->error.message);
            CHECK(!r->error.retryable);
            tamar_decoder_close(d);
            in.body = b.ptr, in.len = b.len;
            pieces(&in, &o);
            outcome_drop(&o);
            drop(&b);
        }
    }
    CASE("error-null-beside-an-answer")
    {
        STREAM("text=Hi; finish=stop", D("{'error':null,'choices':[{'index':0,'delta':{'content':'Hi'}}]}") D("{'error':{},'choices':[]}") D("{'error':'','choices':[]}") STOP);
        BODY("text=Hi; finish=stop", "{'error':null,'choices':[{'message':{'content':'Hi'},'finish_reason':'stop'}]}");
    }
    CASE("error-false-beside-an-answer")
    {
        BODY("text=Hi; finish=stop", "{'error':false,'choices':[{'message':{'content':'Hi'},'finish_reason':'stop'}]}");
    }
    CASE("error-with-http-200")
    {
        STREAM("error=bad_request 200 type invalid_request_error", D("{'error':{'message':'m','type':'invalid_request_error','code':null}}"));
        STREAM("error=rate 200 code rate_limit_exceeded type tokens retry", "{'error':{'message':'m','type':'tokens','code':'rate_limit_exceeded'}}");
        BODY("error=billing 200 code insufficient_quota type insufficient_quota", "{'error':{'message':'m','type':'insufficient_quota','code':'insufficient_quota'}}");
    }
    CASE("error-in-the-stream")  // what came before stays
    {
        STREAM("text=Hi; error=overloaded 200 code 503 type unavailable_error retry",
               DELTA("'content':'Hi'") D("{'error':{'code':503,'message':'m','type':'unavailable_error'}}"));
        STREAM("text=Hi!; finish=error; usage in 3 out 1 total 4; error=server 200 code 502 retry",  // OpenRouter
               DELTA("'content':'Hi'")
               D("{'id':'i','error':{'code':502,'message':'m'},'choices':[{'index':0,'delta':{'content':'!'},'finish_reason':'error'}],'usage':{'prompt_tokens':3,'completion_tokens':1,'total_tokens':4}}"));
        STREAM("text=Hi; finish=error; error=server 200 code 502 retry",
               DELTA("'content':'Hi'") D("{'choices':[{'index':0,'delta':{},'finish_reason':'error','error':{'code':502,'message':'m'}}]}") DONE);
    }
    CASE("done-after-error")  // vLLM
    {
        STREAM("text=Hi; error=bad_request 200 code 400 type BadRequestError",
               DELTA("'content':'Hi'") D("{'error':{'message':'m','type':'BadRequestError','param':null,'code':400}}") DONE);
    }
    CASE("error-field")  // llama.cpp
    {
        STREAM("text=Hi; error=overloaded 200 code 503 retry", DELTA("'content':'Hi'") "error: {'code':503,'message':'m'}\n\n");
        STREAM("error=overloaded 200 code 503 retry", "error: {'error':{'code':503,'message':'m'}}\n\n");
        STREAM("text=Hi; error=overloaded 200 code 503 retry", DELTA("'content':'Hi'") "error:{'code':503,'message':'m'}");
    }
    CASE("error-event")
    {
        STREAM("text=Hi; error=server 200 retry", DELTA("'content':'Hi'") "event: error\ndata: {'error':{'message':'m'}}\n\n");
        STREAM("text=Hi; error=rate 200 code rate_limit_exceeded type error retry",
               DELTA("'content':'Hi'") "event: error\ndata: {'type':'error','code':'rate_limit_exceeded','message':'m','param':null}\n\n");
        STREAM("text=Hi; error=billing 200 code insufficient_quota type insufficient_quota",
               DELTA("'content':'Hi'") "event: error\ndata: {'type':'error','sequence_number':2,'error':{'type':'insufficient_quota','code':'insufficient_quota','message':'m'}}\n\n");
        STREAM("text=Hi; error=server 200 retry", DELTA("'content':'Hi'") "event: error\ndata: {'error':'boom'}\n\n");
    }
    CASE("error-event-refused")  // an event stream in the body of a refusal
    {
        input in = streamed();
        in.status = 400;
        INPUT(in, "error=context 400 code context_length_exceeded type invalid_request_error",
              "event: error\ndata: {'error':{'message':'m','type':'invalid_request_error','code':'context_length_exceeded'}}\n\n");
        INPUT(in, "error=context 400 code context_length_exceeded type invalid_request_error",
              D("{'error':{'message':'m','type':'invalid_request_error','code':'context_length_exceeded'}}") DONE);
    }
    CASE("billing-and-rate")
    {
        REFUSED(429, "error=rate 429 code rate_limit_exceeded type tokens retry", "{'error':{'message':'m','type':'tokens','code':'rate_limit_exceeded'}}");
        REFUSED(429, "error=billing 429 code insufficient_quota type insufficient_quota", "{'error':{'message':'m','type':'insufficient_quota','code':'insufficient_quota'}}");
        REFUSED(429, "error=billing 429 code credit_balance_exhausted type insufficient_quota",
                "{'error':{'message':'m','type':'insufficient_quota','code':'credit_balance_exhausted'}}");
        REFUSED(429, "error=billing 429 code project_spend_limit_exceeded", "{'error':{'message':'m','code':'project_spend_limit_exceeded'}}");
        REFUSED(429, "error=rate 429 retry", "");
        REFUSED(402, "error=billing 402 type invalid_request_error", "{'error':{'message':'Insufficient Balance','type':'invalid_request_error'}}");
        REFUSED(498, "error=overloaded 498 code capacity_exceeded retry", "{'error':{'message':'m','code':'capacity_exceeded'}}");
        REFUSED(503, "error=overloaded 503 code 503 type unavailable_error retry", "{'error':{'code':503,'message':'Loading model','type':'unavailable_error'}}");
    }
    CASE("hint-to-wait")
    {
        input in = whole_body(429);
        in.headers = "Retry-After: 2\n";
        INPUT(in, "error=rate 429 retry after 2000", "{'error':{'message':'m'}}");
        in.headers = "retry-after-ms: 1500.9\nretry-after: 9\n";
        INPUT(in, "error=rate 429 retry after 1500", "{'error':{'message':'m'}}");
        in.headers = "retry-after: 1.25\n";
        INPUT(in, "error=rate 429 retry after 1250", "");
        in.headers = "Date: Fri, 20 Nov 2026 10:00:00 GMT\nRetry-After: Fri, 20 Nov 2026 10:01:00 GMT\n";
        INPUT(in, "error=rate 429 code insufficient_quota retry after 60000", "{'error':{'message':'m','code':'insufficient_quota'}}");
        in.headers = "Retry-After: 86401\n";
        INPUT(in, "error=rate 429 retry", "{'error':{'message':'m'}}");
        in.headers = "Retry-After: -1\n";
        INPUT(in, "error=rate 429 retry", "{'error':{'message':'m'}}");
    }
    CASE("request-id")
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        memset(&desc, 0, sizeof desc);
        desc.status = 500;
        d = tamar_decoder_open(&desc);
        tamar_decoder_header(d, "X-Request-Id", "req_\x1b[31m1");
        tamar_decoder_header(d, "cf-ray", "other");
        CHECK(strstr(tamar_decoder_end(d, true)->error.request_id, "req_") != NULL);
        CHECK(strchr(tamar_decoder_end(d, true)->error.request_id, '\x1b') == NULL);
        tamar_decoder_close(d);
    }
    CASE("web-page")
    {
        REFUSED(502, "error=server 502 retry", "<html><body>Bad Gateway</body></html>");
        REFUSED(401, "error=auth 401", "<html>401</html>");
        BODY("error=proto 200 retry", "<!DOCTYPE html><html>Sign in</html>");
        STREAM("error=proto 200 retry", "\n<html>Sign in</html>");
    }
    CASE("body-empty")
    {
        REFUSED(503, "error=overloaded 503 retry", "");
        REFUSED(400, "error=bad_request 400", "  \n");
        BODY("error=empty 200 retry", "");
        BODY("error=empty 200 retry", " \r\n ");
        REFUSED(204, "error=empty 204 retry", "");
        STREAM("error=empty 200 retry", "");
        STREAM("error=empty 200 retry", ": keep-alive\n\n: keep-alive\n\n");
    }
    CASE("redirect")
    {
        input in = whole_body(301);
        text b = { NULL, 0, 0 };
        tamar_decoder_desc desc;
        tamar_decoder *d;
        INPUT(in, "error=redirect 301", "moved");
        in.headers = "Location: https://Evil.example/x?key=1\n";
        INPUT(in, "error=redirect 301", "{'choices':[{'message':{'content':'no'}}]}");
        in.status = 308;
        INPUT(in, "error=redirect 308", "");
        memset(&desc, 0, sizeof desc);
        desc.status = 307;
        d = tamar_decoder_open(&desc);
        tamar_decoder_header(d, "location", "https://evil.example/x?key=1");
        CHECK(strstr(tamar_decoder_end(d, true)->error.message, "evil.example") != NULL);
        CHECK(strstr(tamar_decoder_end(d, true)->error.message, "key=1") == NULL);
        tamar_decoder_close(d);
        drop(&b);
    }
    CASE("told-not-to-retry")
    {
        input in = whole_body(500);
        in.headers = "X-Should-Retry: false\n";
        INPUT(in, "error=server 500", "{'error':{'message':'m'}}");
        in.headers = "X-Should-Retry: true\n";
        INPUT(in, "error=server 500 retry", "{'error':{'message':'m'}}");
    }
    CASE("content-encoding")
    {
        input in = whole_body(200);
        in.headers = "Content-Encoding: gzip\n";
        INPUT(in, "error=proto 200 retry", MESSAGE("'content':'x'", "stop"));
        in.headers = "Content-Encoding: identity\n";
        INPUT(in, "text=x; finish=stop", MESSAGE("'content':'x'", "stop"));
    }
    CASE("something-else")
    {
        BODY("error=parse 200 retry", "hello");
        BODY("error=proto 200 retry", "[1,2]");
        BODY("error=proto 200 retry", "{'a':1}");
        BODY("error=proto 200 retry", "5");
        STREAM("error=parse 200 retry", D("{'choices':[}"));
        STREAM("text=Hi; error=parse 200 retry", DELTA("'content':'Hi'") D("hello"));
        BODY("error=parse 200 retry", MESSAGE("'content':'x'", "stop") "{}");
    }
    CASE("too-deep")
    {
        text b = { NULL, 0, 0 };
        int i;
        adds(&b, "{'choices':[{'message':{'content':'x'}}],'a':");
        for (i = 0; i < 100; i++) adds(&b, "[");
        for (i = 0; i < 100; i++) adds(&b, "]");
        adds(&b, "}");
        BODY("error=limit 200", b.ptr);
        clear(&b);
        adds(&b, "data: {'a':");
        for (i = 0; i < 100; i++) adds(&b, "[");
        for (i = 0; i < 100; i++) adds(&b, "]");
        adds(&b, "}\n\n");
        STREAM("error=limit 200", b.ptr);
        drop(&b);
    }
}

static void framing(void)
{
    CASE("done-missing")  // a finish reason and a clean end are proof too
    {
        input in = streamed();
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") FINISH("stop"));
        STREAM("text=Hi; error=truncated 200 retry", DELTA("'content':'Hi'"));
        in.cut = true;
        INPUT(in, "text=Hi; finish=stop; error=truncated 200 retry", DELTA("'content':'Hi'") FINISH("stop"));
        INPUT(in, "text=Hi; finish=stop", DELTA("'content':'Hi'") FINISH("stop") DONE);
        INPUT(in, "text=Hi; error=truncated 200 retry", DELTA("'content':'Hi'"));
        INPUT(in, "error=truncated 200 retry", ": OPENROUTER PROCESSING\n\n");
    }
    CASE("last-event-unterminated")
    {
        input in = streamed();
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") FINISH("stop") "data: [DONE]");
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") "data: {'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}");
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") "data: {'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}\n");
        STREAM("text=Hi; error=truncated 200 retry", DELTA("'content':'Hi'") "data: {'choices':[{'index':0,'delta':{},'finish_reas");
        in.cut = true;
        INPUT(in, "text=Hi; error=truncated 200 retry", DELTA("'content':'Hi'") "data: [DONE]");
    }
    CASE("bytes-after-done")
    {
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") STOP DELTA("'content':'no'") DONE "junk");
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") FINISH("stop") "data: [DONE] \n\n");
        STREAM("text=Hi; finish=stop", DELTA("'content':'Hi'") FINISH("stop") "data:[DONE]\n\n");
    }
    CASE("document-cut")
    {
        input in = whole_body(200);
        in.cut = true;
        INPUT(in, "error=truncated 200 retry", MESSAGE("'content':'x'", "stop"));
        INPUT(in, "error=truncated 200 retry", "{'choices':[{'mess");
        INPUT(in, "error=truncated 200 retry", "");
        INPUT(in, "error=rate 200 code rate_limit_exceeded retry", "{'error':{'message':'m','code':'rate_limit_exceeded'}}");
        BODY("error=truncated 200 retry", "{'choices':[{'mess");
    }
    CASE("blanks-before-json")  // DeepSeek
    {
        BODY("text=x; finish=stop", "\n\n\n  \r\n\t" MESSAGE("'content':'x'", "stop") "\n\n");
        BODY("text=x; finish=stop", "\xEF\xBB\xBF" MESSAGE("'content':'x'", "stop"));
        REFUSED(429, "error=rate 429 retry", "\n\n{'error':{'message':'m'}}");
        BODY("text=Hi; finish=stop", "\n\n" DELTA("'content':'Hi'") STOP);
        STREAM("text=Hi; finish=stop", "\r\n\n" DELTA("'content':'Hi'") STOP);
    }
    CASE("comments-before-json")  // OpenRouter
    {
        BODY("text=x; finish=stop", ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n" MESSAGE("'content':'x'", "stop"));
        BODY("text=x; finish=stop", "\n: a: b {} data: \n \n" MESSAGE("'content':'x'", "stop"));
    }
    CASE("document-for-a-stream")
    {
        STREAM("text=x; finish=stop", MESSAGE("'content':'x'", "stop"));
        STREAM("error=rate 200 code 429 retry", "\n {'error':{'message':'m','code':429}}");
        STREAM("error=rate 200 code 429 retry", ": OPENROUTER PROCESSING\n\n{'error':{'message':'m','code':429}}");
    }
    CASE("stream-for-a-document")
    {
        BODY("text=Hi; finish=stop", DELTA("'content':'Hi'") STOP);
        BODY("text=Hi; finish=stop", "\n: c\n\n" DELTA("'content':'Hi'") STOP);
        BODY("text=Hi; finish=stop", "event: message\n" DELTA("'content':'Hi'") STOP);
        BODY("text=Hi; finish=stop", "id: 1\nretry: 5\n" DELTA("'content':'Hi'") STOP);
    }
    CASE("line-ends")
    {
        STREAM("text=Hi!; finish=stop",
               "data: {'choices':[{'index':0,'delta':{'content':'Hi'}}]}\r\n\r\ndata: {'choices':[{'index':0,'delta':{'content':'!'}}]}\r\rdata: "
               "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}\n\r\ndata: [DONE]\r\n\r\n");
        STREAM("text=Hi; finish=stop", "\xEF\xBB\xBF" DELTA("'content':'Hi'") STOP);
        STREAM("text=Hi; finish=stop", "\n\n" DELTA("'content':'Hi'") ":\n" STOP);
        STREAM("text=Hi; finish=stop",  // nothing but CR
               ": c\r\rdata: {'choices':[{'index':0,'delta':{'content':'Hi'}}]}\r\rdata: {'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}\r\rdata: [DONE]\r\r");
    }
    CASE("record-over-lines")
    {
        STREAM("text=Hi; finish=stop", "data: {'choices':[{'index':0,\ndata:'delta':{'content':\ndata: 'Hi'}}]}\n\n" STOP);
        STREAM("text=Hi; finish=stop", "event: chunk\nid: 7\ndata: {'choices':[{'index':0,'delta':{'content':'Hi'}}]}\nretry: 1\n\n" STOP);
    }
    CASE("comments-are-heartbeats")
    {
        input in = streamed();
        outcome o;
        text b = { NULL, 0, 0 };
        size_t end;
        add_json(&b, ": keep-alive\n\n: keep-alive\n\n" DELTA("'content':'Hi'") STOP);
        in.body = b.ptr, in.len = end = b.len;
        run(&in, &end, 1, true, NULL, NULL, 0, &o);
        CHECK(o.heartbeats == 1);
        outcome_drop(&o);
        STREAM("text=Hi; finish=stop", ": keep-alive\n\n" DELTA("'content':'Hi'") ": keep-alive\n\n" STOP);
        drop(&b);
    }
    CASE("caps")
    {
        input in = streamed();
        in.max_event = 64;
        INPUT(in, "text=0123456789; finish=stop", D("{'choices':[{'delta':{'content':'0123456789'}}]}") D("{'choices':[{'finish_reason':'stop'}]}") DONE);
        INPUT(in, "error=limit 200", D("{'choices':[{'delta':{'content':'01234567890123456789012345678901234567890123456789'}}]}") STOP);
        in = whole_body(200);
        in.max_body = 100;
        INPUT(in, "text=x; finish=stop", MESSAGE("'content':'x'", "stop"));
        INPUT(in, "error=limit 200", MESSAGE("'content':'0123456789012345678901234567890123456789'", "stop"));
        in.status = 400;  // of a refusal the beginning is enough
        INPUT(in, "error=bad_request 400", "{'error':{'message':'0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789'}}");
    }
    CASE("cap-on-every-event")  // also on one that looks like the last
    {
        input in = streamed();
        in.max_event = 64;
        INPUT(in, "text=01; error=limit 200",
              D("{'choices':[{'delta':{'content':'0'}}]}") D("{'choices':[{'delta':{'content':'1'}}]}")
              D("{'choices':[{'delta':{'content':'01234567890123456789012345678901234567890123456789'}}]}") STOP);
        in.max_event = 95;  // what follows the text counts too
        INPUT(in, "text=0101234567890123456789; finish=stop",
              D("{'choices':[{'delta':{'content':'0'},'finish_reason':null,'logprobs':null}]}") D("{'choices':[{'delta':{'content':'1'},'finish_reason':null,'logprobs':null}]}")
              D("{'choices':[{'delta':{'content':'01234567890123456789'},'finish_reason':null,'logprobs':null}]}") STOP);
        INPUT(in, "text=01; error=limit 200",
              D("{'choices':[{'delta':{'content':'0'},'finish_reason':null,'logprobs':null}]}") D("{'choices':[{'delta':{'content':'1'},'finish_reason':null,'logprobs':null}]}")
              D("{'choices':[{'delta':{'content':'012345678901234567890'},'finish_reason':null,'logprobs':null}]}") STOP);
    }
    CASE("discard-text")
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        tamar_event e;
        text b = { NULL, 0, 0 }, seen = { NULL, 0, 0 };
        const tamar_response *r;
        int i;
        memset(&desc, 0, sizeof desc);
        desc.stream = desc.discard_text = true;
        d = tamar_decoder_open(&desc);
        add_json(&b, DELTA("'content':'ab'") DELTA("'reasoning':'r'"));
        for (i = 0; i < 1000; i++) {
            tamar_decoder_feed(d, b.ptr, b.len);
            while (tamar_decoder_next_event(d, &e))
                if (e.type == TAMAR_EVENT_TEXT) add(&seen, e.text.ptr, e.text.len);
        }
        clear(&b);
        add_json(&b, DELTA("'content':'!'") STOP);
        tamar_decoder_feed(d, b.ptr, b.len);
        while (tamar_decoder_next_event(d, &e))
            if (e.type == TAMAR_EVENT_TEXT) add(&seen, e.text.ptr, e.text.len);
        r = tamar_decoder_end(d, true);
        CHECK(r->text.len == 0);
        CHECK(r->reasoning.len == 0);
        CHECK(r->finish == TAMAR_FINISH_STOP);
        CHECK(seen.len == 2001);
        tamar_decoder_close(d);
        drop(&b);
        drop(&seen);
    }
    CASE("keep-raw")
    {
        input in = streamed();
        in.keep_raw = true;
        INPUT(in, "text=Hi; finish=stop", ": c\n\n" DELTA("'content':'Hi'") STOP);
        in.stream = false;
        INPUT(in, "text=Hi; finish=stop", "\n\n" MESSAGE("'content':'Hi'", "stop"));
    }
    CASE("api-unknown")
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        memset(&desc, 0, sizeof desc);
        desc.api = "telepathy";
        d = tamar_decoder_open(&desc);
        CHECK(d && tamar_decoder_end(d, true)->error.category == TAMAR_CONFIG);
        tamar_decoder_close(d);
        tamar_decoder_close(NULL);
        CHECK(!tamar_decoder_feed(NULL, "", 0));
        CHECK(!tamar_decoder_end(NULL, true));
    }
}

// -- the skeleton memo ------------------------------------------------------------------------------

static size_t parsed;  // records that went through the parser

static void count_record(tamar__dialect_decoder *d, tamar_str event, tamar_str data)
{
    parsed++;
    tamar__dialect_named(tamar__str_z("openai-chat"))->record(d, event, data);
}

static size_t parsed_of(const char *body)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    tamar__dialect counting;
    text b = { NULL, 0, 0 };
    add_json(&b, body);
    memset(&desc, 0, sizeof desc);
    desc.stream = true;
    d = tamar_decoder_open(&desc);
    counting = *d->d.dialect;
    counting.record = count_record;
    d->d.dialect = &counting;
    parsed = 0;
    tamar_decoder_feed(d, b.ptr, b.len);
    tamar_decoder_end(d, true);
    tamar_decoder_close(d);
    drop(&b);
    return parsed;
}

static uint32_t seed;
static uint32_t below(uint32_t n) { return test_random(&seed) % n; }

// A slot's text: plain, escapes, characters, halves of characters and of surrogate pairs, quotes, nothing.
static void add_slot(text *t)
{
    static const char *const bits[] = {
        "a", "the quick", " ", "\\n", "\\\"", "\\\\", "\\u00e9", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\\ud83d", "\\ude00", "\\ud83d\\ude00",
        "\xE2", "\x82", "\xAC", "\xFF", "\xF0\x9F", "\x98\x80", "{\\\"a\\\":1}", "[DONE]", "data: ", "\\u0000", "\\/", "0123456789012345678901234567",
    };
    uint32_t n = below(4);
    for (; n; n--) adds(t, bits[below(below(3) ? 6 : sizeof bits / sizeof *bits)]);
}

// One record of one of the shapes that servers stream, the same for a while.
static void add_record(text *t, uint32_t shape, uint32_t variant)
{
    const char *eol = variant & 1 ? "\r\n" : "\n", *space = variant & 2 ? "" : " ";
    const char *names[] = { "content", "reasoning_content", "reasoning", "refusal" };
    const char *name = names[variant >> 2 & 3];
    if (variant & 16 && !below(3)) addf(t, ": keep-alive%s", eol), adds(t, below(2) ? eol : "");
    if (variant & 32) addf(t, "event: message%s", eol);
    if (variant & 64) addf(t, "id: %u%s", (unsigned)(variant >> 8 & 3), eol);
    addf(t, "data:%s", space);
    switch (shape) {
    case 0:
        addf(t, "{\"id\":\"i\",\"choices\":[{\"index\":0,\"delta\":{\"%s\":\"", name);
        add_slot(t);
        adds(t, "\"},\"finish_reason\":null}]}");
        break;
    case 1:  // padding behind
        addf(t, "{\"choices\":[{\"index\":0,\"delta\":{\"%s\":\"", name);
        add_slot(t);
        adds(t, "\"}}],\"obfuscation\":\"");
        add_slot(t);
        adds(t, "\"}");
        break;
    case 2:  // padding in front
        adds(t, "{\"obfuscation\":\"");
        add_slot(t);
        addf(t, "\",\"choices\":[{\"index\":0,\"delta\":{\"%s\":\"", name);
        add_slot(t);
        adds(t, "\"}}]}");
        break;
    case 3:  // a changing field
        addf(t, "{\"created\":%u,\"choices\":[{\"delta\":{\"%s\":\"", (unsigned)below(2), name);
        add_slot(t);
        adds(t, "\"}}]}");
        break;
    case 4:  // a whole message where a delta should be
        adds(t, "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"");
        add_slot(t);
        adds(t, "\"}}]}");
        break;
    case 5:  // two texts at once
        adds(t, "{\"choices\":[{\"delta\":{\"reasoning\":\"");
        add_slot(t);
        adds(t, "\",\"content\":\"");
        add_slot(t);
        adds(t, "\"}}]}");
        break;
    case 6:
        addf(t, "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%u,\"function\":{\"name\":\"f\",\"arguments\":\"", (unsigned)(variant >> 8 & 1));
        add_slot(t);
        adds(t, "\"}}]}}]}");
        break;
    case 7:
        addf(t, "{\"choices\":[{\"delta\":{\"%s\":\"", name);
        add_slot(t);
        adds(t, "\"}}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}");
        break;
    case 8:  // the same key twice
        adds(t, "{\"choices\":[{\"delta\":{\"content\":\"");
        add_slot(t);
        adds(t, "\",\"content\":\"");
        add_slot(t);
        adds(t, "\"}}],\"obfuscation\":\"x\",\"obfuscation\":\"");
        add_slot(t);
        adds(t, "\"}");
        break;
    case 9:  // the other choice
        addf(t, "{\"choices\":[{\"index\":%u,\"delta\":{\"content\":\"", (unsigned)below(2));
        add_slot(t);
        adds(t, "\"}},{\"index\":1,\"delta\":{\"content\":\"no\"}}]}");
        break;
    case 10:  // long, and nothing but text changes
        addf(t, "{\"choices\":[{\"delta\":{\"content\":[{\"type\":\"text\",\"text\":\"");
        add_slot(t);
        adds(t, "\"}]}}]}");
        break;
    case 11:
        adds(t, "{\"choices\":[{\"delta\":{\"reasoning_details\":[{\"type\":\"reasoning.text\",\"text\":\"");
        add_slot(t);
        adds(t, "\"}]}}]}");
        break;
    default:
        addf(t, "{\"choices\":[{\"delta\":{\"content\":\"");
        add_slot(t);
        adds(t, "\"},\"finish_reason\":\"stop\"}]}");
    }
    if (variant & 128) addf(t, "%sretry: 5", eol);
    addf(t, "%s%s", eol, eol);
}

static void memo(void)
{
    CASE("memo-speaks")  // or the cases below would prove nothing
    {
        size_t all = TAMAR_NO_MEMO ? 5 : 2;
        CHECK(parsed_of(DELTA("'content':'a'") DELTA("'content':'b'") DELTA("'content':'\\n'") DELTA("'content':'\xC3\xA9'") DONE) == all);
        CHECK(parsed_of(D("{'choices':[{'delta':{'content':'a'}}],'obfuscation':'x'}") D("{'choices':[{'delta':{'content':'b'}}],'obfuscation':'xyz'}")
                        D("{'choices':[{'delta':{'content':'c'}}],'obfuscation':''}") D("{'choices':[{'delta':{'content':'d'}}],'obfuscation':'\\n'}") DONE) == all);
        CHECK(parsed_of(D("{'obfuscation':'x','choices':[{'delta':{'content':'a'}}]}") D("{'obfuscation':'xyz','choices':[{'delta':{'content':'b'}}]}")
                        D("{'obfuscation':'xyz','choices':[{'delta':{'content':'c'}}]}") D("{'obfuscation':'','choices':[{'delta':{'content':'d'}}]}") DONE) == all);
    }
    CASE("memo-any-difference")
    {
        STREAM("text=abc; finish=stop; usage in 1 out 2",
               DELTA("'content':'a'") DELTA("'content':'b'") D("{'choices':[{'index':0,'delta':{'content':'c'}}],'usage':{'prompt_tokens':1,'completion_tokens':2}}") STOP);
        STREAM("text=abc; reasoning=r; finish=stop", DELTA("'content':'a'") DELTA("'reasoning':'r'") DELTA("'content':'b'") DELTA("'content':'c'") STOP);
        STREAM("text=abc; reasoning=rrr; finish=stop", DELTA("'reasoning':'r','content':'a'") DELTA("'reasoning':'r','content':'b'") DELTA("'reasoning':'r','content':'c'") STOP);
        STREAM("text=ab; finish=stop", DELTA("'content':'a'") D("{'choices':[{'index':1,'delta':{'content':'x'}}]}") DELTA("'content':'b'") STOP);
        STREAM("text=ab; error=parse 200 retry", DELTA("'content':'a'") DELTA("'content':'b'") DELTA("'content':'\\x'") STOP);
        STREAM("text=ab; error=parse 200 retry", DELTA("'content':'a'") DELTA("'content':'b'") DELTA("'content':'\t'") STOP);
        STREAM("text=ab; error=parse 200 retry",
               D("{'choices':[{'delta':{'content':'a'}}],'obfuscation':'x'}") D("{'choices':[{'delta':{'content':'b'}}],'obfuscation':'y'}")
               D("{'choices':[{'delta':{'content':'c'}}],'obfuscation':'\\q'}") STOP);
        STREAM("text=abc; finish=stop",
               D("{'choices':[{'delta':{'content':'a'}}],'obfuscation':'x'}") D("{'choices':[{'delta':{'content':'b'}}],'obfuscation':5}")
               D("{'choices':[{'delta':{'content':'c'}}],'obfuscation':'x','choices':[{'delta':{'content':'c'}}]}") STOP);
    }
    CASE("memo-whole-messages")  // instead of deltas: the first is the answer, the memo must not add the others
    {
        STREAM("text=a; finish=stop",
               D("{'choices':[{'index':0,'message':{'content':'a'}}]}") D("{'choices':[{'index':0,'message':{'content':'ab'}}]}") D("{'choices':[{'index':0,'message':{'content':'abc'}}]}") STOP);
    }
    CASE("memo-random")  // byte by byte the memo never sees a whole record: both ways must agree
    {
        uint64_t hash = HASH_BEGIN;
        size_t streams, hits = 0;
        for (streams = 0; streams < 3000; streams++) {
            text b = { NULL, 0, 0 };
            outcome whole, bytes, cut;
            input in = streamed();
            size_t *ends, i, n, records = 5 + 0, from;
            uint32_t shape, variant;
            seed = (uint32_t)((uint64_t)streams * 2654435761u & 0xFFFFFFFF) | 1;
            records += below(20);
            shape = below(10) ? below(13) : 0;
            variant = below(1 << 10);
            if (below(3)) variant &= ~(uint32_t)(1 | 16 | 32 | 64 | 128);
            for (i = 0; i < records; i++) {
                if (!below(9)) shape = below(13);
                if (!below(9)) variant ^= 1u << below(10);
                add_record(&b, shape, variant);
            }
            if (below(4)) add_json(&b, STOP);
            in.body = b.ptr, in.len = b.len;
            n = in.len;
            parsed = 0;
            run(&in, &n, 1, true, NULL, NULL, 0, &whole);
            ends = (size_t *)malloc((in.len + 1) * sizeof *ends);
            if (!ends) abort();
            for (i = 0; i < in.len; i++) ends[i] = i + 1;
            run(&in, ends, in.len, false, NULL, NULL, 0, &bytes);
            for (n = 0, from = 0; from < in.len; n++) ends[n] = from = from + 1 + below(600) < in.len ? from + 1 + below(600) : in.len;
            for (i = 1; i < n; i++)
                if (ends[i] < ends[i - 1]) ends[i] = ends[i - 1];
            ends[n - 1] = in.len;
            run(&in, ends, n, true, NULL, NULL, 0, &cut);
            if (!test_bad) {  // one is enough
                CHECKF(same(&whole.full, &bytes.full), "stream %lu\n%s\n        memo  %s\n        parse %s", (unsigned long)streams, b.ptr, whole.full.ptr, bytes.full.ptr);
                CHECKF(same(&whole.full, &cut.full), "stream %lu in pieces\n%s\n        whole %s\n        got   %s", (unsigned long)streams, b.ptr, whole.full.ptr, cut.full.ptr);
            }
            hash = hash_more(hash, whole.full.ptr, whole.full.len);
            if (parsed_of(b.ptr) < records) hits++;
            free(ends);
            outcome_drop(&whole);
            outcome_drop(&bytes);
            outcome_drop(&cut);
            drop(&b);
        }
        printf("    memo: %lu of %lu streams, answers %08lx%08lx\n", (unsigned long)hits, (unsigned long)streams, (unsigned long)(hash >> 32),
               (unsigned long)(hash & 0xFFFFFFFF));
        CHECK(TAMAR_NO_MEMO ? hits == 0 : hits > 500);
    }
}

static void memory(void)
{
    CASE("fixed-memory")
    {
        static const char *const bodies[] = {
            DELTA("'role':'assistant','content':''") DELTA("'reasoning':'why'") DELTA("'content':'Hello'") DELTA("'content':', you'")
            CALLS("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") CALLS("{'index':0,'function':{'arguments':'}'}}") TOOLS,
            MESSAGE("'content':'Hello, you'", "stop"),
            "{'error':{'message':'m','type':'insufficient_quota','code':'insufficient_quota'}}",
        };
        size_t i, size;
        for (i = 0; i < 3; i++) {
            input in = streamed();
            text b = { NULL, 0, 0 };
            outcome want, o;
            size_t end, good = 0;
            add_json(&b, bodies[i]);
            in.body = b.ptr, in.len = end = b.len;
            run(&in, &end, 1, true, NULL, NULL, 0, &want);
            for (size = 0; size < 24000; size += size < 600 ? 1 : 37) {
                char *block = (char *)malloc(size ? size : 1);
                run(&in, &end, 1, true, NULL, block, size, &o);
                CHECKF(survived(&o, &want), "%lu bytes\n        got   %s\n        whole %s", (unsigned long)size, o.core.ptr ? o.core.ptr : "", want.core.ptr);
                if (!o.damaged) good++;
                outcome_drop(&o);
                free(block);
            }
            CHECK(good > 0);
            outcome_drop(&want);
            drop(&b);
        }
    }
    CASE("many-records")
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        test_memory m;
        const tamar_response *r;
        int i;
        long asked = 0;
        text b = { NULL, 0, 0 };
        memset(&desc, 0, sizeof desc);
        memset(&m, 0, sizeof m);
        desc.stream = true;
        desc.allocator.resize = test_resize;
        desc.allocator.user_data = &m;
        d = tamar_decoder_open(&desc);
        add_json(&b, DELTA("'content':'word '"));
        for (i = 0; i < 20000; i++) {
            tamar_decoder_feed(d, b.ptr, b.len);
            if (i == 100) asked = m.asked;
        }
        CHECKF(m.asked - asked < 32, "%ld", m.asked - asked);  // doubling, and nothing between
        clear(&b);
        add_json(&b, STOP);
        tamar_decoder_feed(d, b.ptr, b.len);
        r = tamar_decoder_end(d, true);
        CHECK(r->text.len == 100000 && !r->error.category);
        tamar_decoder_close(d);
        CHECK(m.live == 0 && m.blocks == 0);
        drop(&b);
    }
    CASE("many-calls")  // more than anybody needs is dropped, with a warning
    {
        text b = { NULL, 0, 0 };
        tamar_decoder_desc desc;
        tamar_decoder *d;
        const tamar_response *r;
        int i;
        memset(&desc, 0, sizeof desc);
        desc.stream = true;
        d = tamar_decoder_open(&desc);
        for (i = 0; i < 1100; i++) {
            clear(&b);
            addf(&b, "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%d,\"id\":\"i%d\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n", i, i);
            tamar_decoder_feed(d, b.ptr, b.len);
        }
        r = tamar_decoder_end(d, true);
        CHECK(r->tool_call_count == 1024);
        CHECK(r->warning_count == 1);
        tamar_decoder_close(d);
        drop(&b);
    }
}

// == requests ======================================================================================

// Shorter: everything but the messages.
#define FIELDS(name, warnings, members, ...) \
    REQUEST(warnings, "{'model':'" name "'" members ",'messages':[{'role':'user','content':'hi'}]}", .prompt = "hi", __VA_ARGS__)

#define MESSAGES(model, warnings, want, ...) \
    CONVERSATION(model, "openai-chat", warnings, "{'model':'m','messages':" want "}", __VA_ARGS__)

static void request_fields(void)
{
    static const char *const stops[] = { "a", "b", "c", "d", "e" };
    CASE("smallest")
    {
        FIELDS("gpt-4o", "", "", .model = "openai/gpt-4o");
        FIELDS("gpt-4o", "", "", .model = "gpt-4o");
        FIELDS("org/model:free@1", "", "", .model = "openrouter/org/model:free@1");
    }
    CASE("max-tokens")
    {
        FIELDS("gpt-4o", "", ",'max_completion_tokens':50", .model = "openai/gpt-4o", .max_tokens = 50);
        FIELDS("o3", "", ",'max_completion_tokens':50", .model = "openai/o3", .max_tokens = 50);
        FIELDS("gpt-6-sol", "", ",'max_completion_tokens':50", .model = "openai/gpt-6-sol", .max_tokens = 50);
        FIELDS("m", "", ",'max_completion_tokens':50", .model = "groq/m", .max_tokens = 50);
        FIELDS("m", "", ",'max_completion_tokens':50", .model = "xai/m", .api = "openai-chat", .max_tokens = 50);
        FIELDS("m", "", ",'max_tokens':50", .model = "deepseek/m", .max_tokens = 50);
        FIELDS("m", "", ",'max_tokens':50", .model = "mistral/m", .max_tokens = 50);
        FIELDS("m", "", ",'max_tokens':50", .model = "together/m", .max_tokens = 50);
        FIELDS("m", "", ",'max_tokens':50", .model = "perplexity/m", .max_tokens = 50);
        FIELDS("m", "", ",'max_tokens':50", .model = "ollama/m", .api = "openai-chat", .max_tokens = 50);
        FIELDS("gpt-oss-20b", "", ",'max_tokens':50", .model = "vllm/gpt-oss-20b", .max_tokens = 50);
    }
    CASE("sampling")
    {
        FIELDS("gpt-4o", "", ",'temperature':0.7,'top_p':0.95,'frequency_penalty':-1.5,'presence_penalty':0.0,'seed':-5,'logprobs':true,'top_logprobs':3,'stop':['a','b']",
               .model = "openai/gpt-4o", .temperature = tamar_double(0.7), .top_p = tamar_double(0.95), .frequency_penalty = tamar_double(-1.5),
               .presence_penalty = tamar_double(0), .seed = tamar_int(-5), .logprobs = tamar_int(1), .top_logprobs = tamar_int(3), .stop = stops, .stop_count = 2);
        FIELDS("gpt-4o", "", ",'temperature':0.0,'logprobs':false", .model = "openai/gpt-4o", .temperature = tamar_double(0), .logprobs = tamar_int(0));
        FIELDS("gpt-4o", "", ",'seed':9223372036854775807", .model = "openai/gpt-4o", .seed = tamar_int(INT64_MAX));
    }
    CASE("sampling-of-reasoning-models")  // dropped, and said so
    {
        FIELDS("gpt-5", "unsupported unsupported unsupported", "", .model = "openai/gpt-5", .temperature = tamar_double(0.7), .top_p = tamar_double(0.9),
               .frequency_penalty = tamar_double(1), .presence_penalty = tamar_double(1), .logprobs = tamar_int(1), .top_logprobs = tamar_int(2));
        FIELDS("o4-mini", "unsupported unsupported", "", .model = "openai/o4-mini", .temperature = tamar_double(0.7), .stop = stops, .stop_count = 1);
        FIELDS("gpt-5.2", "unsupported", "", .model = "openai/gpt-5.2", .temperature = tamar_double(0.7));
        FIELDS("gpt-5.2", "", ",'temperature':0.7,'reasoning_effort':'none'", .model = "openai/gpt-5.2", .temperature = tamar_double(0.7), .effort = TAMAR_EFFORT_OFF);
        FIELDS("gpt-6-sol", "", ",'temperature':0.5,'reasoning_effort':'none'", .model = "openai/gpt-6-sol", .temperature = tamar_double(0.5), .effort = TAMAR_EFFORT_OFF);
        FIELDS("gpt-6-astra", "unsupported", ",'reasoning_effort':'low'", .model = "openai/gpt-6-astra", .temperature = tamar_double(0.5), .effort = TAMAR_EFFORT_LOW);
        FIELDS("gpt-5-chat-latest", "", ",'temperature':0.7", .model = "openai/gpt-5-chat-latest", .temperature = tamar_double(0.7));
    }
    CASE("stop")
    {
        FIELDS("gpt-4o", "unsupported", ",'stop':['a','b','c','d']", .model = "openai/gpt-4o", .stop = stops, .stop_count = 5);
        FIELDS("m", "unsupported", "", .model = "xai/m", .api = "openai-chat", .stop = stops, .stop_count = 1);
        FIELDS("m", "", ",'stop':['a']", .model = "together/m", .stop = stops, .stop_count = 1);
    }
    CASE("seed-names")
    {
        FIELDS("m", "", ",'random_seed':7", .model = "mistral/m", .seed = tamar_int(7));
        FIELDS("m", "", ",'seed':7", .model = "groq/m", .seed = tamar_int(7));
        FIELDS("m", "unsupported", "", .model = "deepseek/m", .seed = tamar_int(7));
        FIELDS("m", "unsupported", "", .model = "perplexity/m", .seed = tamar_int(7));
    }
    CASE("refused-by-the-row")
    {
        FIELDS("m", "unsupported", "", .model = "groq/m", .logprobs = tamar_int(1));
        FIELDS("m", "unsupported", "", .model = "mistral/m", .top_logprobs = tamar_int(1));
        FIELDS("m", "unsupported", "", .model = "xai/m", .api = "openai-chat", .frequency_penalty = tamar_double(1), .presence_penalty = tamar_double(1));
    }
    CASE("effort-levels")
    {
        static const struct { const char *model; tamar_effort wanted; const char *sent; bool warned; } table[] = {
            { "openai/o3", TAMAR_EFFORT_LOW, "low", false }, { "openai/o3", TAMAR_EFFORT_OFF, "low", true }, { "openai/o3", TAMAR_EFFORT_MINIMAL, "low", true },
            { "openai/o3", TAMAR_EFFORT_XHIGH, "high", true }, { "openai/o3", TAMAR_EFFORT_MAX, "high", true },
            { "openai/gpt-5", TAMAR_EFFORT_OFF, "minimal", true }, { "openai/gpt-5", TAMAR_EFFORT_MINIMAL, "minimal", false },
            { "openai/gpt-5-mini", TAMAR_EFFORT_XHIGH, "high", true }, { "openai/gpt-5.1", TAMAR_EFFORT_OFF, "none", false },
            { "openai/gpt-5.1", TAMAR_EFFORT_MINIMAL, "none", true }, { "openai/gpt-5.1", TAMAR_EFFORT_XHIGH, "high", true },
            { "openai/gpt-5.2", TAMAR_EFFORT_XHIGH, "xhigh", false }, { "openai/gpt-5.5", TAMAR_EFFORT_MAX, "xhigh", true },
            { "openai/gpt-5.6-sol", TAMAR_EFFORT_MAX, "max", false }, { "openai/gpt-6-sol", TAMAR_EFFORT_OFF, "none", false },
            { "openai/gpt-6-sol", TAMAR_EFFORT_MEDIUM, "medium", false }, { "openai/gpt-6-astra", TAMAR_EFFORT_OFF, "low", true },
            { "openai/gpt-6.1-sol", TAMAR_EFFORT_MAX, "max", false }, { "openai/gpt-6.1-terra", TAMAR_EFFORT_OFF, "none", false },
            { "openai/gpt-4o", TAMAR_EFFORT_HIGH, NULL, true }, { "groq/m", TAMAR_EFFORT_HIGH, "high", false },
            { "ollama/m", TAMAR_EFFORT_OFF, "none", false }, { "llamacpp/m", TAMAR_EFFORT_OFF, "none", false },
            { "perplexity/sonar", TAMAR_EFFORT_MINIMAL, "minimal", false }, { "openai/gpt-6-sol", TAMAR_EFFORT_DEFAULT, NULL, false },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            text want = { NULL, 0, 0 };
            tamar_request rq;
            memset(&rq, 0, sizeof rq);
            rq.model = table[i].model;
            rq.api = "openai-chat";
            rq.prompt = "hi";
            rq.effort = table[i].wanted;
            adds(&want, "{'model':'");
            adds(&want, strchr(rq.model, '/') + 1);
            adds(&want, "'");
            if (table[i].sent) addf(&want, ",'reasoning_effort':'%s'", table[i].sent);
            adds(&want, ",'messages':[{'role':'user','content':'hi'}]}");
            check_request(__FILE__, __LINE__, NULL, &rq, table[i].warned ? "effort" : "", want.ptr);
            drop(&want);
        }
    }
    CASE("thinking-switch")  // DeepSeek
    {
        FIELDS("deepseek-v4-pro", "", "", .model = "deepseek/deepseek-v4-pro");
        FIELDS("deepseek-v4-pro", "", ",'thinking':{'type':'disabled'}", .model = "deepseek/deepseek-v4-pro", .effort = TAMAR_EFFORT_OFF);
        FIELDS("deepseek-v4-pro", "", ",'thinking':{'type':'enabled'},'reasoning_effort':'high'", .model = "deepseek/deepseek-v4-pro", .effort = TAMAR_EFFORT_HIGH);
        FIELDS("deepseek-v4-pro", "effort", ",'thinking':{'type':'enabled'},'reasoning_effort':'low'", .model = "deepseek/deepseek-v4-pro", .effort = TAMAR_EFFORT_MEDIUM);
    }
    CASE("effort-and-tools")  // gpt-5.6 takes tools only without reasoning
    {
        static const tamar_tool tool = { "f", NULL, NULL, false, NULL };
        FIELDS("gpt-5.6-sol", "", ",'reasoning_effort':'none','tools':[{'type':'function','function':{'name':'f'}}]", .model = "openai/gpt-5.6-sol", .api = "openai-chat", .tools = &tool, .tool_count = 1);
        FIELDS("gpt-5.6-sol", "effort", ",'reasoning_effort':'none','tools':[{'type':'function','function':{'name':'f'}}]", .model = "openai/gpt-5.6-sol", .api = "openai-chat", .tools = &tool,
               .tool_count = 1, .effort = TAMAR_EFFORT_HIGH);
        FIELDS("gpt-6-sol", "", ",'reasoning_effort':'high','tools':[{'type':'function','function':{'name':'f'}}]", .model = "openai/gpt-6-sol", .api = "openai-chat", .tools = &tool,
               .tool_count = 1, .effort = TAMAR_EFFORT_HIGH);
    }
    CASE("user-names")
    {
        FIELDS("gpt-4o", "", ",'safety_identifier':'u1'", .model = "openai/gpt-4o", .user = "u1");
        FIELDS("m", "", ",'user_id':'u1'", .model = "deepseek/m", .user = "u1");
        FIELDS("m", "", ",'user':'u1'", .model = "groq/m", .user = "u1");
        FIELDS("m", "unsupported", "", .model = "mistral/m", .user = "u1");
        FIELDS("m", "unsupported", "", .model = "perplexity/m", .user = "u1");
    }
    CASE("house-keeping-fields")
    {
        FIELDS("gpt-4o", "", ",'verbosity':'low','prompt_cache_key':'k','service_tier':'flex','store':true,'metadata':{'a': 'b'}", .model = "openai/gpt-4o", .verbosity = "low",
               .cache_key = "k", .service_tier = "flex", .store = tamar_int(1), .metadata = quoted(" {'a': 'b'} "));
        FIELDS("gpt-4o", "", ",'store':false", .model = "openai/gpt-4o", .store = tamar_int(0));
        FIELDS("gpt-4o", "unsupported", "", .model = "openai/gpt-4o", .choices = 3);
        FIELDS("m", "unsupported unsupported unsupported unsupported unsupported", "", .model = "perplexity/m", .verbosity = "low", .cache_key = "k", .service_tier = "flex",
               .store = tamar_int(1), .metadata = quoted("{'a':'b'}"));
        FIELDS("m", "unsupported unsupported unsupported unsupported", ",'service_tier':'flex'", .model = "groq/m", .verbosity = "low", .cache_key = "k", .service_tier = "flex",
               .store = tamar_int(1), .metadata = quoted("{'a':'b'}"));
        FIELDS("gpt-4o", "", "", .model = "openai/gpt-4o", .choices = 1);
    }
    CASE("fields-through-extra")  // every field of the vendor's that has no name of ours
    {
        FIELDS("gpt-4o", "",
               ",'logit_bias':{'50256':-100},'n':1,'modalities':['text','audio'],'audio':{'voice':'alloy','format':'wav'},'prediction':{'type':'content','content':'x'},"
               "'prompt_cache_options':{'mode':'explicit','ttl':'30m'},'moderation':{'model':'m'},'web_search_options':{'search_context_size':'low'}",
               .model = "openai/gpt-4o",
               .extra = quoted("{'logit_bias':{'50256':-100},'n':1,'modalities':['text','audio'],'audio':{'voice':'alloy','format':'wav'},'prediction':{'type':'content','content':'x'},"
                               "'prompt_cache_options':{'mode':'explicit','ttl':'30m'},'moderation':{'model':'m'},'web_search_options':{'search_context_size':'low'}}"));
    }
    CASE("extra-replaces")
    {
        FIELDS("gpt-4o", "", ",'top_p':0.5,'temperature':1.5,'user':'x'", .model = "openai/gpt-4o", .temperature = tamar_double(0.7), .top_p = tamar_double(0.5),
               .extra = quoted("{'temperature':1.5,'user':'x'}"));
        REQUEST("", "{'model':'other','messages':[{'role':'user','content':'hi'}]}", .model = "openai/gpt-4o", .prompt = "hi", .extra = quoted("{'model':'other'}"));
        REQUEST("", "{'model':'gpt-4o','messages':[]}", .model = "openai/gpt-4o", .prompt = "hi", .extra = quoted("{'messages':[]}"));
        REQUEST("", "{'model':'gpt-4o','x':1,'messages':[{'role':'user','content':'yo'}]}", .model = "openai/gpt-4o", .prompt = "hi", .system = "s",
                .extra = quoted("{'messages':[{'role':'user','content':'yo'}],'x':1}"));
        FIELDS("gpt-4o", "", ",'stream':true,'stream_options':{'include_usage':false}", .model = "openai/gpt-4o", .stream = true, .extra = quoted("{'stream_options':{'include_usage':false}}"));
        FIELDS("gpt-4o", "", ",'x':2", .model = "openai/gpt-4o", .extra = quoted("{'x':1,'x':2}"));  // the later one
        FIELDS("gpt-4o", "", ",'temperature':1", .model = "openai/gpt-4o", .temperature = tamar_double(0.7), .extra = quoted("{'temper\\u0061ture':1}"));
        FIELDS("m", "", ",'random_seed':8", .model = "mistral/m", .seed = tamar_int(7), .extra = quoted("{'random_seed':8}"));
        FIELDS("m", "", ",'reasoning_effort':'high','thinking':{'type':'x'}", .model = "deepseek/m", .effort = TAMAR_EFFORT_HIGH, .extra = quoted("{'thinking':{'type':'x'}}"));
    }
    CASE("streaming")
    {
        FIELDS("gpt-4o", "", ",'stream':true,'stream_options':{'include_usage':true,'include_obfuscation':false}", .model = "openai/gpt-4o", .stream = true);
        FIELDS("m", "", ",'stream':true,'stream_options':{'include_usage':true}", .model = "deepseek/m", .stream = true);
        FIELDS("m", "", ",'stream':true,'stream_options':{'include_usage':true}", .model = "llamacpp/m", .stream = true);
        FIELDS("m", "", ",'stream':true", .model = "mistral/m", .stream = true);
        FIELDS("m", "", ",'stream':true", .model = "perplexity/m", .stream = true);
    }
    CASE("request-refused")
    {
        static const tamar_part orphan[] = { { .type = TAMAR_PART_TOOL_RESULT, .text = { "x", 1 } } };
        static const tamar_part nameless[] = { { .type = TAMAR_PART_TOOL_CALL, .id = { "x", 1 } } };
        static const tamar_part blank[] = { { .type = TAMAR_PART_IMAGE } };
        static const tamar_message bad[] = { { .role = TAMAR_ROLE_TOOL, .parts = orphan, .part_count = 1 }, { .role = TAMAR_ROLE_ASSISTANT, .parts = nameless, .part_count = 1 },
                                             { .parts = blank, .part_count = 1 }, { .role = (tamar_role)9, .text = "x" } };
        static const tamar_tool tools[] = { { .name = "a b" }, { .name = "" }, { .name = "f", .parameters = "[]" }, { .name = "f", .parameters = "{" }, { .raw = "5" } };
        static const char *const empty[] = { "" };
        const tamar_request list[] = {
            { .model = "openai/gpt-4o" }, { .prompt = "hi" }, { .model = "nobody/m", .prompt = "hi" }, { .model = "openai/", .prompt = "hi" },
            { .model = "unheard-of", .prompt = "hi" }, { .model = "openai/a\nb", .prompt = "hi" },
            { .model = "google/../x", .prompt = "hi" }, { .model = "google/gemini/..", .prompt = "hi" }, { .model = "./x", .prompt = "hi" }, { .model = "google/.", .prompt = "hi" },
            { .model = "openai/gpt-4o", .prompt = "hi", .resume = (tamar_resume)7 }, { .model = "openai/gpt-4o", .prompt = "hi", .extra = "[1]" },
            { .model = "openai/gpt-4o", .prompt = "hi", .extra = "{" }, { .model = "openai/gpt-4o", .prompt = "hi", .metadata = "x" },
            { .model = "openai/gpt-4o", .prompt = "hi", .max_tokens = -1 }, { .model = "openai/gpt-4o", .prompt = "hi", .stop = empty, .stop_count = 1 },
            { .model = "openai/gpt-4o", .prompt = "hi", .format = TAMAR_FORMAT_SCHEMA }, { .model = "openai/gpt-4o", .prompt = "hi", .format = TAMAR_FORMAT_SCHEMA, .schema = "true" },
            { .model = "openai/gpt-4o", .prompt = "hi", .tool_choice = TAMAR_TOOL_CHOICE_NAMED },
            { .model = "openai/gpt-4o", .messages = &bad[0], .message_count = 1 }, { .model = "openai/gpt-4o", .messages = &bad[1], .message_count = 1 },
            { .model = "openai/gpt-4o", .messages = &bad[2], .message_count = 1 }, { .model = "openai/gpt-4o", .messages = &bad[3], .message_count = 1 },
            { .model = "openai/gpt-4o", .prompt = "hi", .tools = &tools[0], .tool_count = 1 }, { .model = "openai/gpt-4o", .prompt = "hi", .tools = &tools[1], .tool_count = 1 },
            { .model = "openai/gpt-4o", .prompt = "hi", .tools = &tools[2], .tool_count = 1 }, { .model = "openai/gpt-4o", .prompt = "hi", .tools = &tools[3], .tool_count = 1 },
            { .model = "openai/gpt-4o", .prompt = "hi", .tools = &tools[4], .tool_count = 1 }, { .model = "openai/gpt-4o", .message_count = 1 },
            { .model = "openai/gpt-4o", .prompt = "hi", .tool_count = 1 }, { .model = "openai/gpt-4o", .prompt = "hi", .stop_count = 1 },
        };
        size_t i;
        for (i = 0; i < sizeof list / sizeof *list; i++) {
            sent s;
            encode(NULL, &list[i], &s);
            CHECKF(s.category == TAMAR_CONFIG, "request %lu: %s", (unsigned long)i, tamar_category_name(s.category));
            CHECK(s.body.len == 0);
            sent_drop(&s);
        }
    }
    CASE("numbers-that-are-none")  // a request with one says so, or leaves it out: never a number of its own, never NOMEM
    {
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-4o";
        rq.prompt = "hi";
        rq.temperature = tamar_double(strtod("nan", NULL));
        encode(NULL, &rq, &s);
        CHECKF(s.category == TAMAR_CONFIG || !strstr(s.body.ptr, "temperature"), "%s %s", tamar_category_name(s.category), s.body.ptr);
        sent_drop(&s);
    }
}

static void request_tools(void)
{
    static const tamar_tool tools[] = {
        { .name = "w", .description = "the \"weather\"", .parameters = "{\"type\":\"object\",\"properties\":{\"c\":{\"type\":\"string\"}}}", .strict = true },
        { .name = "now" },
        { .raw = "{\"type\":\"custom\",\"custom\":{\"name\":\"c\",\"format\":{\"type\":\"text\"}}}" },
    };
#define ONE_TOOL .tools = &tools[1], .tool_count = 1
#define NOW ",'tools':[{'type':'function','function':{'name':'now'}}]"
    CASE("tools")
    {
        FIELDS("m", "",
               ",'tools':[{'type':'function','function':{'name':'w','description':'the \\'weather\\'','parameters':{'type':'object','properties':{'c':{'type':'string'}}},'strict':true}},"
               "{'type':'function','function':{'name':'now'}},{'type':'custom','custom':{'name':'c','format':{'type':'text'}}}]",
               .model = "together/m", .tools = tools, .tool_count = 3);
        FIELDS("gpt-4o", "schema",  // OpenAI cannot enforce what is optional
               ",'tools':[{'type':'function','function':{'name':'w','description':'the \\'weather\\'','parameters':{'type':'object','properties':{'c':{'type':'string'}}}}}]",
               .model = "openai/gpt-4o", .tools = tools, .tool_count = 1);
        FIELDS("sonar", "unsupported", "", .model = "perplexity/sonar", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
    }
    CASE("tool-choice")
    {
        FIELDS("gpt-4o", "", NOW ",'tool_choice':'auto'", .model = "openai/gpt-4o", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_AUTO);
        FIELDS("gpt-4o", "", NOW ",'tool_choice':'none'", .model = "openai/gpt-4o", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_NONE);
        FIELDS("gpt-4o", "", NOW ",'tool_choice':'required'", .model = "openai/gpt-4o", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        FIELDS("gpt-4o", "", NOW ",'tool_choice':{'type':'function','function':{'name':'now'}}", .model = "openai/gpt-4o", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "now");
        FIELDS("m", "", NOW ",'tool_choice':'any'", .model = "mistral/m", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        FIELDS("gpt-4o", "dropped", "", .model = "openai/gpt-4o", .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);  // nothing without tools
    }
    CASE("parallel-tool-calls")
    {
        FIELDS("gpt-4o", "", NOW ",'parallel_tool_calls':false", .model = "openai/gpt-4o", ONE_TOOL, .parallel_tool_calls = tamar_int(0));
        FIELDS("gpt-4o", "", NOW ",'parallel_tool_calls':true", .model = "openai/gpt-4o", ONE_TOOL, .parallel_tool_calls = tamar_int(1));
        FIELDS("m", "unsupported", NOW, .model = "deepseek/m", ONE_TOOL, .parallel_tool_calls = tamar_int(0));
    }
    CASE("response-format")
    {
        FIELDS("gpt-4o", "", ",'response_format':{'type':'json_object'}", .model = "openai/gpt-4o", .format = TAMAR_FORMAT_JSON);
        FIELDS("m", "", ",'response_format':{'type':'json_schema','json_schema':{'name':'response','strict':true,'schema':{'type':'object'}}}", .model = "together/m",
               .format = TAMAR_FORMAT_SCHEMA, .schema = quoted("{'type':'object'}"));
        FIELDS("gpt-4o", "schema",
               ",'response_format':{'type':'json_schema','json_schema':{'name':'response','strict':true,'schema':{'type':'object','properties':{},'required':[],'additionalProperties':false}}}", .model = "openai/gpt-4o",
               .format = TAMAR_FORMAT_SCHEMA, .schema = quoted("{'type':'object'}"));
        FIELDS("gpt-4o", "", ",'response_format':{'type':'json_schema','json_schema':{'name':'out','description':'d','strict':false,'schema':{'type':'object'}}}", .model = "openai/gpt-4o",
               .format = TAMAR_FORMAT_SCHEMA, .schema = quoted("{'type':'object'}"), .schema_name = "out", .schema_description = "d", .schema_strict = tamar_int(0));
    }
    CASE("schema-by-prompt")  // DeepSeek knows json_object only
    {
        REQUEST("schema",
                "{'model':'m','response_format':{'type':'json_object'},'messages':[{'role':'system','content':'Answer with nothing but JSON that is valid against this JSON "
                "Schema:\\n{\\'type\\':\\'object\\'}'},{'role':'user','content':'hi'}]}",
                .model = "deepseek/m", .prompt = "hi", .format = TAMAR_FORMAT_SCHEMA, .schema = quoted("{'type':'object'}"));
        REQUEST("schema",
                "{'model':'m','response_format':{'type':'json_object'},'messages':[{'role':'system','content':'Be brief.\\n\\nAnswer with nothing but JSON that is valid against this JSON "
                "Schema:\\n{}'},{'role':'user','content':'hi'}]}",
                .model = "deepseek/m", .prompt = "hi", .system = "Be brief.", .format = TAMAR_FORMAT_SCHEMA, .schema = "{}");
    }
}

#define PARTS(...) .parts = (const tamar_part[]){ __VA_ARGS__ }, .part_count = sizeof((const tamar_part[]){ __VA_ARGS__ }) / sizeof(tamar_part)
#define USER_HI { .text = "hi" }
#define HI "{'role':'user','content':'hi'}"
#define CALL_F { .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("{\"a\":1}") }
#define CALL_F_JSON "'tool_calls':[{'id':'c1','type':'function','function':{'name':'f','arguments':'{\\'a\\':1}'}}]"

static void request_messages(void)
{
    CASE("system-or-developer")
    {
#define SYSTEM(name, role) \
    REQUEST("", "{'model':'" name "','messages':[{'role':'" role "','content':'Be brief.'},{'role':'user','content':'hi'}]}", .model = MODEL, .prompt = "hi", .system = "Be brief.")
#define MODEL "openai/gpt-4o"
        SYSTEM("gpt-4o", "system");
#undef MODEL
#define MODEL "openai/gpt-6-sol"
        SYSTEM("gpt-6-sol", "developer");
#undef MODEL
#define MODEL "openai/o3-mini"
        SYSTEM("o3-mini", "developer");
#undef MODEL
#define MODEL "openai/gpt-5-chat-latest"
        SYSTEM("gpt-5-chat-latest", "system");
#undef MODEL
#define MODEL "deepseek/deepseek-v4-pro"
        SYSTEM("deepseek-v4-pro", "system");
#undef MODEL
#define MODEL "openrouter/gpt-6-sol"
        SYSTEM("gpt-6-sol", "system");
#undef MODEL
        MESSAGES("groq/m", "", "[{'role':'system','content':'a'},{'role':'system','content':'bc'}," HI "]", { .role = TAMAR_ROLE_SYSTEM, .text = "a" },
                 { .role = TAMAR_ROLE_SYSTEM, PARTS({ .text = str("b") }, { .text = str("c") }) }, USER_HI);
    }
    CASE("prompt-behind-messages")
    {
        static const tamar_message m[] = { { .text = "one" }, { .role = TAMAR_ROLE_ASSISTANT, .text = "two" } };
        REQUEST("", "{'model':'gpt-4o','messages':[{'role':'system','content':'s'},{'role':'user','content':'one'},{'role':'assistant','content':'two'},{'role':'user','content':'hi'}]}",
                .model = "openai/gpt-4o", .prompt = "hi", .system = "s", .messages = m, .message_count = 2);
        MESSAGES("groq/m", "", "[{'role':'user','content':''}]", { .text = "" });
    }
    CASE("names-of-speakers")
    {
        MESSAGES("llamacpp/m", "", "[{'role':'user','name':'ann','content':'hi'}]", { .text = "hi", .name = "ann" });
        MESSAGES("groq/m", "unsupported", "[{'role':'user','content':'hi'}]", { .text = "hi", .name = "ann" });
    }
    CASE("text-parts")
    {
        MESSAGES("groq/m", "", "[{'role':'user','content':'a'}]", { PARTS({ .text = str("a") }) });
        MESSAGES("groq/m", "", "[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}]", { PARTS({ .text = str("a") }, { .text = str("b") }) });
    }
    CASE("image-parts")
    {
        MESSAGES("groq/m", "",
                 "[{'role':'user','content':[{'type':'text','text':'a'},{'type':'image_url','image_url':{'url':'https://x/y.png','detail':'low'}},"
                 "{'type':'image_url','image_url':{'url':'data:image/png;base64,AQID'}},{'type':'file','file':{'file_id':'file-1'}}]}]",
                 { PARTS({ .text = str("a") }, { .type = TAMAR_PART_IMAGE, .url = str("https://x/y.png"), .detail = str("low") },
                         { .type = TAMAR_PART_IMAGE, .data = str("\1\2\3"), .mime_type = str("image/png") }, { .type = TAMAR_PART_IMAGE, .id = str("file-1") }) });
        MESSAGES("mistral/m", "", "[{'role':'user','content':[{'type':'image_url','image_url':'https://x/y.png'}]}]", { PARTS({ .type = TAMAR_PART_IMAGE, .url = str("https://x/y.png") }) });
    }
    CASE("image-kinds")  // told from the bytes
    {
        MESSAGES("groq/m", "",
                 "[{'role':'user','content':[{'type':'image_url','image_url':{'url':'data:image/jpeg;base64,/9j/'}},{'type':'image_url','image_url':{'url':'data:image/gif;base64,R0lGODlh'}},"
                 "{'type':'image_url','image_url':{'url':'data:image/webp;base64,UklGRi4uLi5XRUJQ'}},{'type':'image_url','image_url':{'url':'data:image/png;base64,iVBORw=='}}]}]",
                 { PARTS({ .type = TAMAR_PART_IMAGE, .data = str("\xFF\xD8\xFF") }, { .type = TAMAR_PART_IMAGE, .data = str("GIF89a") },
                         { .type = TAMAR_PART_IMAGE, .data = str("RIFF....WEBP") }, { .type = TAMAR_PART_IMAGE, .data = str("\x89PNG") }) });
    }
    CASE("audio-parts")
    {
        MESSAGES("groq/m", "",
                 "[{'role':'user','content':[{'type':'input_audio','input_audio':{'data':'AQID','format':'wav'}},{'type':'input_audio','input_audio':{'data':'AQID','format':'mp3'}},"
                 "{'type':'input_audio','input_audio':{'data':'AQID','format':'mp3'}}]}]",
                 { PARTS({ .type = TAMAR_PART_AUDIO, .data = str("\1\2\3"), .mime_type = str("audio/wav") }, { .type = TAMAR_PART_AUDIO, .data = str("\1\2\3"), .mime_type = str("audio/mpeg") },
                         { .type = TAMAR_PART_AUDIO, .url = str("data:audio/mpeg;base64,AQID") }) });
        MESSAGES("groq/m", "unsupported", "[{'role':'user','content':'a'}]", { PARTS({ .text = str("a") }, { .type = TAMAR_PART_AUDIO, .url = str("https://x/y.wav") }) });
    }
    CASE("file-parts")
    {
        MESSAGES("groq/m", "",
                 "[{'role':'user','content':[{'type':'file','file':{'file_id':'file-1'}},{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,AQID'}},"
                 "{'type':'file','file':{'filename':'file.pdf','file_data':'data:text/plain;base64,AQID'}}]}]",
                 { PARTS({ .type = TAMAR_PART_FILE, .id = str("file-1") }, { .type = TAMAR_PART_FILE, .data = str("\1\2\3"), .name = str("a.pdf") },
                         { .type = TAMAR_PART_FILE, .url = str("data:text/plain;base64,AQID") }) });
        MESSAGES("groq/m", "unsupported", "[{'role':'user','content':'a'}]", { PARTS({ .text = str("a") }, { .type = TAMAR_PART_FILE, .url = str("https://x/y.pdf") }) });
    }
    CASE("nothing-left-of-a-turn")  // an empty array is refused by the vendor
    {
        MESSAGES("groq/m", "unsupported", "[" HI ",{'role':'user','content':''}]", USER_HI, { PARTS({ .type = TAMAR_PART_AUDIO, .url = str("https://x/y.wav") }) });
    }
    CASE("video-parts")
    {
        tamar_request rq;
        const tamar_part parts[] = { { .text = str("a") }, { .type = TAMAR_PART_VIDEO, .url = str("https://x/y.mp4") } };
        const tamar_message m = { .parts = parts, .part_count = 2 };
        MESSAGES("qwen/m", "", "[{'role':'user','content':[{'type':'text','text':'a'},{'type':'video_url','video_url':{'url':'https://x/y.mp4'}}]}]", { .parts = parts, .part_count = 2 });
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-4o";
        rq.messages = &m;
        rq.message_count = 1;
        check_request(__FILE__, __LINE__, NULL, &rq, "unsupported", "{'model':'gpt-4o','messages':[{'role':'user','content':'a'}]}");
    }
    CASE("cache-marks")  // this family caches by itself; silence would be a lie
    {
        MESSAGES("groq/m", "unsupported", "[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}]", { PARTS({ .text = str("a"), .cache = true }, { .text = str("b") }) });
        MESSAGES("groq/m", "unsupported", "[{'role':'user','content':'a'}]", { PARTS({ .text = str("a"), .cache = true }) });
    }
    CASE("assistant-turns")
    {
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':'ab'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .text = str("a") }, { .text = str("b") }) });
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':null," CALL_F_JSON "}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(CALL_F) });
        MESSAGES("groq/m", "", "[" HI ",{'role':'assistant','content':''," CALL_F_JSON "}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(CALL_F) });
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':null," CALL_F_JSON "}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .text = str("") }, CALL_F) });
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':'so'," CALL_F_JSON "}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .text = str("so") }, CALL_F) });
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':''}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .text = "" });
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':'','refusal':'no'}]", USER_HI,
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .text = str("") }, { .type = TAMAR_PART_REFUSAL, .text = str("no") }) });
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','refusal':'no'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_REFUSAL, .text = str("no") }) });
        MESSAGES("llamacpp/m", "dropped", "[" HI ",{'role':'assistant','content':'x'}]", USER_HI,
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .text = str("x") }, { .type = TAMAR_PART_IMAGE, .url = str("https://x/") }) });
    }
    CASE("arguments-replayed")  // a string that is a JSON object, else {}
    {
#define REPLAY(warnings, from, to) \
    MESSAGES("llamacpp/m", warnings, "[" HI ",{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':'function','function':{'name':'f','arguments':'" to "'}}]}]", USER_HI, \
             { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str(from) }) })
        REPLAY("", "{}", "{}");
        REPLAY("", "", "{}");
        REPLAY("tool_arguments", "{\"a\":", "{}");
        REPLAY("tool_arguments", "[1]", "{}");
        REPLAY("", " {\"a\":\t1} ", " {\\'a\\':\\t1} ");
    }
    CASE("tool-results")
    {
#define GIVEN(call, result) { .type = TAMAR_PART_TOOL_RESULT, .id = str(call), .name = str("f"), .text = str(result) }
#define USED(call) { .type = TAMAR_PART_TOOL_CALL, .id = str(call), .name = str("f"), .text = str("{}") }
#define USES(...) { .role = TAMAR_ROLE_ASSISTANT, PARTS(__VA_ARGS__) }
#define GIVES(...) { .role = TAMAR_ROLE_TOOL, PARTS(__VA_ARGS__) }
#define CALLED(call) "{'id':'" call "','type':'function','function':{'name':'f','arguments':'{}'}}"
#define CALLING(calls) "{'role':'assistant','content':null,'tool_calls':[" calls "]}"
#define GAVE(call, result) "{'role':'tool','tool_call_id':'" call "','content':'" result "'}"
#define NO_RESULT "{\\'error\\':\\'the tool gave no result\\'}"
        MESSAGES("llamacpp/m", "", "[" HI "," CALLING(CALLED("c1") "," CALLED("c2")) "," GAVE("c1", "{\\'t\\':3}") "," GAVE("c2", "{\\'error\\':\\'no \\\\\\'net\\\\\\'\\'}") "]", USER_HI,
                 USES(USED("c1"), USED("c2")),
                 GIVES(GIVEN("c1", "{\"t\":3}"), { .type = TAMAR_PART_TOOL_RESULT, .id = str("c2"), .text = str("no \"net\""), .is_error = true }));
        MESSAGES("mistral/m", "", "[" HI "," CALLING(CALLED("c1")) ",{'role':'tool','tool_call_id':'c1','name':'f','content':'3'}]", USER_HI,
                 USES(USED("c1")), GIVES(GIVEN("c1", "3")));
        // results come first, whatever else the turn says
        MESSAGES("groq/m", "", "[{'role':'assistant','content':'','tool_calls':[" CALLED("c1") "]}," GAVE("c1", "3") ",{'role':'user','content':'go on'}]", USES(USED("c1")), { PARTS({ .text = str("go on") }, GIVEN("c1", "3")) });
    }
    CASE("history-mended")
    {
#define OTHER "{'role':'user','content':'go on'}"
#define OTHER_SAID { .text = "go on" }
        // a call without a result, in the middle; at the end it is the server's to judge
        MESSAGES("llamacpp/m", "tool_results", "[" HI "," CALLING(CALLED("c1")) "," GAVE("c1", NO_RESULT) "," OTHER "]", USER_HI, USES(USED("c1")), OTHER_SAID);
        MESSAGES("llamacpp/m", "", "[" HI "," CALLING(CALLED("c1")) "]", USER_HI, USES(USED("c1")));
        // one of two; in the order of the calls
        MESSAGES("llamacpp/m", "tool_results", "[" CALLING(CALLED("c1") "," CALLED("c2")) "," GAVE("c1", NO_RESULT) "," GAVE("c2", "2") "]", USES(USED("c1"), USED("c2")), GIVES(GIVEN("c2", "2")));
        // a result without a call, and a second one for the same call
        MESSAGES("llamacpp/m", "dropped", "[" HI "]", USER_HI, GIVES(GIVEN("c1", "1")));
        MESSAGES("llamacpp/m", "dropped", "[" OTHER "]", { PARTS({ .text = str("go on") }, GIVEN("c1", "3")) });
        MESSAGES("llamacpp/m", "dropped", "[" CALLING(CALLED("c1")) "," GAVE("c1", "1") "]", USES(USED("c1")), GIVES(GIVEN("c1", "1")), GIVES(GIVEN("c1", "2")));
        // what was said before the result came goes behind it
        MESSAGES("llamacpp/m", "", "[" CALLING(CALLED("c1")) "," GAVE("c1", "1") "," OTHER "]", USES(USED("c1")), OTHER_SAID, GIVES(GIVEN("c1", "1")));
        // also past the assistant's next turn; an id that is used again belongs to the nearer call
        MESSAGES("llamacpp/m", "", "[" CALLING(CALLED("c1")) "," GAVE("c1", "1") "," OTHER ",{'role':'assistant','content':'yes'}," HI "]", USES(USED("c1")), OTHER_SAID,
                 { .role = TAMAR_ROLE_ASSISTANT, .text = "yes" }, { PARTS(GIVEN("c1", "1"), { .text = str("hi") }) });
        MESSAGES("llamacpp/m", "", "[" CALLING(CALLED("c1")) "," GAVE("c1", "1") "," CALLING(CALLED("c1")) "," GAVE("c1", "2") "]", USES(USED("c1")), GIVES(GIVEN("c1", "1")), USES(USED("c1")), GIVES(GIVEN("c1", "2")));
        MESSAGES("llamacpp/m", "tool_results", "[" CALLING(CALLED("c1")) "," GAVE("c1", NO_RESULT) "," OTHER "," CALLING(CALLED("c1")) "," GAVE("c1", "2") "]", USES(USED("c1")), OTHER_SAID, USES(USED("c1")), GIVES(GIVEN("c1", "2")));
        // two messages of the assistant's are one turn
        MESSAGES("llamacpp/m", "", "[" CALLING(CALLED("c1")) "," CALLING(CALLED("c2")) "," GAVE("c1", "1") "," GAVE("c2", "2") "]", USES(USED("c1")), USES(USED("c2")), GIVES(GIVEN("c1", "1")), GIVES(GIVEN("c2", "2")));
    }
    CASE("reasoning-replayed-by-row")
    {
#define THOUGHT { .type = TAMAR_PART_REASONING, .text = str("why") }
        MESSAGES("deepseek/m", "", "[" HI ",{'role':'assistant','content':'so','reasoning_content':'why'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(THOUGHT, { .text = str("so") }) });
        MESSAGES("deepseek/m", "", "[" HI ",{'role':'assistant','content':'so','reasoning_content':''}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .text = "so" });  // always the key
        MESSAGES("deepseek/m", "", "[" HI ",{'role':'assistant','content':'','reasoning_content':'why'," CALL_F_JSON "}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(THOUGHT, CALL_F) });
        MESSAGES("groq/m", "", "[" HI ",{'role':'assistant','content':'so','reasoning':'why'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(THOUGHT, { .text = str("so") }) });
        MESSAGES("groq/m", "", "[" HI ",{'role':'assistant','content':'so'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .text = "so" });
        MESSAGES("ollama/m", "", "[" HI ",{'role':'assistant','content':'so','reasoning':'why'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(THOUGHT, { .text = str("so") }) });
        MESSAGES("openrouter/m", "", "[" HI ",{'role':'assistant','content':'so','reasoning_details':[{'type':'x'}]}]", USER_HI,
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_REASONING, .text = str("why"), .opaque = str("[{\"type\":\"x\"}]"), .origin = str("openai-chat") }, { .text = str("so") }) });
        MESSAGES("openrouter/m", "", "[" HI ",{'role':'assistant','content':'so','reasoning':'why'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(THOUGHT, { .text = str("so") }) });
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':'so'}]", USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS(THOUGHT, { .text = str("so") }) });
    }
    CASE("signatures-replayed")  // Gemini's, byte for byte
    {
        MESSAGES("llamacpp/m", "",
                 "[" HI ",{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':'function','function':{'name':'f','arguments':'{}'},'extra_content':{'google':{'thought_signature':'AbC+/='}}}]}]",
                 USER_HI, { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("{}"),
                                                                  .opaque = str("{\"google\":{\"thought_signature\":\"AbC+/=\"}}"), .origin = str("openai-chat") }) });
    }
    CASE("opaque-of-another-vendor")
    {
        MESSAGES("llamacpp/m", "", "[" HI ",{'role':'assistant','content':[{'type':'text','text':'x'},{'a':1}]}]", USER_HI,
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .text = str("x") }, { .type = TAMAR_PART_OPAQUE, .opaque = str("{\"a\":1}"), .origin = str("openai-chat") }) });
        MESSAGES("llamacpp/m", "dropped", "[" HI ",{'role':'assistant','content':'x'}]", USER_HI,
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .text = str("x") }, { .type = TAMAR_PART_OPAQUE, .opaque = str("{\"a\":1}"), .origin = str("anthropic-messages") }) });
        MESSAGES("llamacpp/m", "dropped", "[{'role':'user','content':'x'}]",
                 { PARTS({ .text = str("x") }, { .type = TAMAR_PART_OPAQUE, .opaque = str("{\"a\":1}"), .origin = str("anthropic-messages") }) });
        MESSAGES("llamacpp/m", "", "[{'role':'user','content':[{'type':'text','text':'x'},{'a':1}]}]",
                 { PARTS({ .text = str("x") }, { .type = TAMAR_PART_OPAQUE, .opaque = str("{\"a\":1}"), .origin = str("openai-chat") }) });
    }
    CASE("opaque-of-another-vendor-on-parts")
    {
        MESSAGES("llamacpp/m", "dropped", "[" HI ",{'role':'assistant','content':null," CALL_F_JSON "}]", USER_HI,
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("{\"a\":1}"), .opaque = str("{\"s\":1}"), .origin = str("gemini-generate") }) });
        MESSAGES("groq/m", "dropped", "[" HI ",{'role':'assistant','content':'so','reasoning':'why'}]", USER_HI,
                 { .role = TAMAR_ROLE_ASSISTANT, PARTS({ .type = TAMAR_PART_REASONING, .text = str("why"), .opaque = str("{\"signature\":\"x\"}"), .origin = str("anthropic-messages") }, { .text = str("so") }) });
    }
    CASE("opaque-that-is-no-json")  // refused before it can break the body
    {
        const tamar_part parts[] = { { .type = TAMAR_PART_OPAQUE, .opaque = str("{\"a\":"), .origin = str("openai-chat") } };
        const tamar_message m = { .parts = parts, .part_count = 1 };
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "groq/m";
        rq.messages = &m;
        rq.message_count = 1;
        encode(NULL, &rq, &s);
        CHECKF(s.category == TAMAR_CONFIG && strstr(s.prose.ptr, "not JSON"), "%s: %s", tamar_category_name(s.category), s.prose.ptr);
        sent_drop(&s);
    }
    CASE("text-that-is-no-text")  // still JSON, still UTF-8
    {
        MESSAGES("groq/m", "utf8", "[{'role':'user','content':'a\xEF\xBF\xBD" "b\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD'}]", { .text = "a\xFF" "b\xED\xA0\x80" });
        MESSAGES("groq/m", "", "[{'role':'user','content':'\\u0001\\b\\n\\u001f\x7F\\\\\\'/\xC3\xA9'}]", { .text = "\1\b\n\x1F\x7F\\\"/\xC3\xA9" });
        MESSAGES("groq/m", "", "[{'role':'user','content':'a\\u0000b'}]", { PARTS({ .text = { "a\0b", 3 } }) });
    }
    CASE("raw-json-that-is-no-text")  // schemas, extra members and what else is copied as it is
    {
        static const tamar_tool tool = { .name = "f", .parameters = "{\"a\":\"\xFF\"}" };
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-4o";
        rq.prompt = "hi";
        rq.tools = &tool;
        rq.tool_count = 1;
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG || is_utf8(s.body.ptr, s.body.len));
        sent_drop(&s);
        rq.tool_count = 0;
        rq.extra = "{\"\xC3\":\"\xFF\"}";
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG || is_utf8(s.body.ptr, s.body.len));
        sent_drop(&s);
    }
    CASE("prefix-is-stable")  // what was sent is the beginning of what is sent next
    {
        static const char *const models[] = { "openai/gpt-6-sol", "deepseek/deepseek-v4-pro", "groq/m", "mistral/m", "ollama/m" };
        const tamar_part call[] = { THOUGHT, CALL_F }, result[] = { { .type = TAMAR_PART_TOOL_RESULT, .id = str("c1"), .text = str("3") } };
        const tamar_message m[] = { USER_HI, { .role = TAMAR_ROLE_ASSISTANT, .parts = call, .part_count = 2 }, { .role = TAMAR_ROLE_TOOL, .parts = result, .part_count = 1 },
                                    { .role = TAMAR_ROLE_ASSISTANT, .text = "so" }, { .text = "and?" } };
        static const tamar_tool tool = { .name = "f" };
        size_t i, n;
        for (i = 0; i < sizeof models / sizeof *models; i++) {
            tamar_request rq;
            sent before, after;
            memset(&rq, 0, sizeof rq);
            rq.model = models[i];
            rq.api = "openai-chat";
            rq.system = "Be brief.";
            rq.messages = m;
            rq.message_count = 1;
            rq.tools = &tool;
            rq.tool_count = 1;
            rq.stream = true;
            rq.max_tokens = 9;
            rq.format = TAMAR_FORMAT_SCHEMA;
            rq.schema = "{}";
            rq.extra = "{\"x\":1}";
            encode(NULL, &rq, &before);
            for (n = 2; n <= 5; n++) {
                rq.message_count = n;
                encode(NULL, &rq, &after);
                CHECK(before.body.len > 2 && before.body.ptr[before.body.len - 2] == ']' && before.body.ptr[before.body.len - 1] == '}');
                CHECKF(after.body.len > before.body.len && !memcmp(after.body.ptr, before.body.ptr, before.body.len - 2), "%s, message %lu", models[i], (unsigned long)n);
                sent_drop(&before);
                before = after;
            }
            sent_drop(&before);
        }
    }
    CASE("the-wire-sheets-example")
    {
        const tamar_part look[] = { { .text = str("Weather here?") }, { .type = TAMAR_PART_IMAGE, .url = str("data:image/png;base64,iVBO"), .detail = str("low") } };
        const tamar_part call[] = { { .type = TAMAR_PART_TOOL_CALL, .id = str("call_1"), .name = str("w"), .text = str("{\"c\":\"Oslo\"}") } };
        const tamar_part result[] = { { .type = TAMAR_PART_TOOL_RESULT, .id = str("call_1"), .text = str("{\"t\":3}") } };
        const tamar_message m[] = { { .parts = look, .part_count = 2 }, { .role = TAMAR_ROLE_ASSISTANT, .parts = call, .part_count = 1 }, { .role = TAMAR_ROLE_TOOL, .parts = result, .part_count = 1 } };
        const tamar_tool tool = { .name = "w", .description = "d",
                                  .parameters = quoted("{'type':'object','properties':{'c':{'type':'string'}},'required':['c'],'additionalProperties':false}"), .strict = true };
        REQUEST("",
                "{'model':'gpt-6-sol','stream':true,'stream_options':{'include_usage':true,'include_obfuscation':false},'max_completion_tokens':500,'reasoning_effort':'low',"
                "'tools':[{'type':'function','function':{'name':'w','description':'d','parameters':{'type':'object','properties':{'c':{'type':'string'}},'required':['c'],'additionalProperties':false},'strict':true}}],"
                "'response_format':{'type':'json_schema','json_schema':{'name':'out','strict':true,'schema':{'type':'object','properties':{'t':{'type':'number'}},'required':['t'],'additionalProperties':false}}},"
                "'messages':[{'role':'developer','content':'Be brief.'},{'role':'user','content':[{'type':'text','text':'Weather here?'},{'type':'image_url','image_url':{'url':'data:image/png;base64,iVBO','detail':'low'}}]},"
                "{'role':'assistant','content':null,'tool_calls':[{'id':'call_1','type':'function','function':{'name':'w','arguments':'{\\'c\\':\\'Oslo\\'}'}}]},"
                "{'role':'tool','tool_call_id':'call_1','content':'{\\'t\\':3}'}]}",
                .model = "openai/gpt-6-sol", .api = "openai-chat", .system = "Be brief.", .messages = m, .message_count = 3, .tools = &tool, .tool_count = 1, .format = TAMAR_FORMAT_SCHEMA,
                .schema = quoted("{'type':'object','properties':{'t':{'type':'number'}},'required':['t'],'additionalProperties':false}"), .schema_name = "out", .max_tokens = 500,
                .effort = TAMAR_EFFORT_LOW, .stream = true);
    }
}

// An answer goes back as it came.
static void round_trip(const char *file, int line, const char *model, const char *stream, const char *want)
{
    tamar_decoder_desc desc;
    tamar_decoder *d;
    const tamar_response *r;
    tamar_message m[2];
    tamar_request rq;
    text b = { NULL, 0, 0 }, w = { NULL, 0, 0 };
    memset(&desc, 0, sizeof desc);
    memset(m, 0, sizeof m);
    memset(&rq, 0, sizeof rq);
    desc.stream = true;
    add_json(&b, stream);
    adds(&w, "{'model':'m','messages':[{'role':'user','content':'hi'},");
    adds(&w, want);
    adds(&w, "]}");
    d = tamar_decoder_open(&desc);
    tamar_decoder_feed(d, b.ptr, b.len);
    r = tamar_decoder_end(d, true);
    CHECK(!r->error.category);
    m[0].text = "hi";
    m[1] = r->message;
    rq.model = model;
    rq.messages = m;
    rq.message_count = 2;
    check_request(file, line, NULL, &rq, "", w.ptr);
    tamar_decoder_close(d);
    drop(&b);
    drop(&w);
}

#define ROUND_TRIP(model, want, stream) round_trip(__FILE__, __LINE__, model, stream, want)

static void round_trips(void)
{
    CASE("round-trip")
    {
        const char *stream = DELTA("'role':'assistant','content':''") DELTA("'reasoning_content':'why'") DELTA("'content':'so'")
            CALLS("{'index':0,'id':'c1','function':{'name':'f','arguments':'{\\'a\\''}}") CALLS("{'index':0,'function':{'arguments':':1}'}}") TOOLS;
        ROUND_TRIP("deepseek/m", "{'role':'assistant','content':'so','reasoning_content':'why'," CALL_F_JSON "}", stream);
        ROUND_TRIP("groq/m", "{'role':'assistant','content':'so','reasoning':'why'," CALL_F_JSON "}", stream);
        ROUND_TRIP("llamacpp/m", "{'role':'assistant','content':'so'," CALL_F_JSON "}", stream);
        ROUND_TRIP("llamacpp/m", "{'role':'assistant','refusal':'no'}", DELTA("'refusal':'no'") STOP);
    }
    CASE("round-trip-openrouter")
    {
        ROUND_TRIP("openrouter/m",
                   "{'role':'assistant','content':'so','reasoning_details':[{'type':'reasoning.text','text':'wh','signature':null},{'type':'reasoning.encrypted','data':'AbC'}]}",
                   DELTA("'reasoning':'wh','reasoning_details':[{'type':'reasoning.text','text':'wh','signature':null}]") DELTA("'reasoning_details':[{'type':'reasoning.encrypted','data':'AbC'}]")
                   DELTA("'content':'so'") STOP);
    }
    CASE("round-trip-signature")
    {
        ROUND_TRIP("llamacpp/m",
                   "{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':'function','function':{'name':'f','arguments':'{}'},'extra_content':{'google': {'thought_signature':'AbC+/='}}}]}",
                   CALLS("{'index':0,'id':'c1','extra_content':{'google': {'thought_signature':'AbC+/='}},'function':{'name':'f','arguments':'{}'}}") TOOLS);
    }
}

static void urls_and_headers(void)
{
    CASE("base-urls")
    {
        static const char *const table[][3] = {
            { "openai/gpt-4o", NULL, "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://api.openai.com", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://api.openai.com/", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://api.openai.com/v1//", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://api.openai.com/v1/chat/completions/", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", " https://api.openai.com/v1\n", "https://api.openai.com/v1/chat/completions" },
            { "openai/gpt-4o", "https://h/v1?api-version=1", "https://h/v1/chat/completions?api-version=1" },
            { "openai/gpt-4o", "https://h?api-version=1", "https://h/v1/chat/completions?api-version=1" },
            { "openai/gpt-4o", "https://h/?api-version=1&a=/", "https://h/v1/chat/completions?api-version=1&a=/" },
            { "openai/gpt-4o", "https://h/v1/chat/completions?a=b", "https://h/v1/chat/completions?a=b" },
            { "openai/gpt-4o", "https://h:8443/proxy/openai", "https://h:8443/proxy/openai/chat/completions" },
            { "deepseek/m", NULL, "https://api.deepseek.com/chat/completions" },
            { "deepseek/m", "https://api.deepseek.com/", "https://api.deepseek.com/chat/completions" },
            { "deepseek/m", "https://api.deepseek.com/beta", "https://api.deepseek.com/beta/chat/completions" },
            { "groq/m", NULL, "https://api.groq.com/openai/v1/chat/completions" },
            { "zhipu/m", NULL, "https://open.bigmodel.cn/api/paas/v4/chat/completions" },
            { "ollama/m", NULL, "http://127.0.0.1:11434/v1/chat/completions" },
            { "ollama/m", "http://localhost:11434", "http://localhost:11434/v1/chat/completions" },
            { "ollama/m", "http://localhost:11434/v1", "http://localhost:11434/v1/chat/completions" },
            { "any-model", "http://localhost:8080", "http://localhost:8080/v1/chat/completions" },
            { "org/any-model", "http://localhost:8080/v1", "http://localhost:8080/v1/chat/completions" },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            tamar_request rq;
            sent s;
            memset(&rq, 0, sizeof rq);
            rq.model = table[i][0];
            rq.api = "openai-chat";
            rq.base_url = table[i][1];
            rq.prompt = "hi";
            encode(NULL, &rq, &s);
            CHECKF(!strcmp(s.url.ptr, table[i][2]), "%s %s: %s, want %s (%s)", table[i][0], table[i][1] ? table[i][1] : "", s.url.ptr, table[i][2], s.prose.ptr);
            sent_drop(&s);
        }
    }
    CASE("base-urls-refused")
    {
        static const char *const bad[] = { "ftp://h/v1", "h/v1", "https://", "https://u:p@h/v1", "https://h/v1#x", "https://h/\x01/v1", "https://h /v1", "https://h:99999/v1", "https://h\xC3\xA9/v1", "https:///v1" };
        size_t i;
        for (i = 0; i < sizeof bad / sizeof *bad; i++) {
            tamar_request rq;
            sent s;
            memset(&rq, 0, sizeof rq);
            rq.model = "openai/gpt-4o";
            rq.base_url = bad[i];
            rq.prompt = "hi";
            encode(NULL, &rq, &s);
            CHECKF(s.category == TAMAR_CONFIG, "%s", bad[i]);
            sent_drop(&s);
        }
    }
    CASE("headers")
    {
        tamar_request rq;
        tamar_desc d = nobody();
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-4o";
        rq.prompt = "hi";
        rq.api_key = " sk-1\n";  // trimmed
        encode(NULL, &rq, &s);
        CHECK(!strcmp(s.headers.ptr, "Content-Type: application/json\nAccept: application/json\nAccept-Encoding: identity\nUser-Agent: tamar/" TAMAR_VERSION "\nAuthorization: Bearer sk-1 (secret)\n"));
        sent_drop(&s);
        rq.api_key = NULL;
        rq.stream = true;
        d.user_agent = "game/1";
        encode(&d, &rq, &s);
        CHECK(!strcmp(s.headers.ptr, "Content-Type: application/json\nAccept: text/event-stream\nAccept-Encoding: identity\nUser-Agent: game/1\nAuthorization: Bearer KEY (secret)\n"));
        sent_drop(&s);
        d.api_key = "sk-2";
        encode(&d, &rq, &s);
        CHECK(strstr(s.headers.ptr, "\nAuthorization: Bearer sk-2 (secret)\n") != NULL);
        sent_drop(&s);
        d = nobody();
        rq.model = "ollama/m";
        encode(&d, &rq, &s);
        CHECK(!strstr(s.headers.ptr, "Authorization"));
        sent_drop(&s);
        rq.api_key = "k";
        encode(&d, &rq, &s);
        CHECK(strstr(s.headers.ptr, "\nAuthorization: Bearer k (secret)\n") != NULL);
        sent_drop(&s);
    }
    CASE("key-in-another-header")
    {
        static const tamar_provider own = { "mine", NULL, "openai-chat", "https://mine.example/v1", "MINE_KEY", NULL, TAMAR_QUIRK_IDEMPOTENCY, NULL, NULL, "api-key", NULL };
        tamar_desc d = nobody();
        tamar_request rq;
        sent s;
        d.providers = &own;
        d.provider_count = 1;
        memset(&rq, 0, sizeof rq);
        rq.model = "mine/m";
        rq.prompt = "hi";
        rq.api_key = "k";
        rq.idempotency_key = "i1";
        encode(&d, &rq, &s);
        CHECK(strstr(s.headers.ptr, "\napi-key: k (secret)\n") != NULL);
        CHECK(strstr(s.headers.ptr, "\nIdempotency-Key: i1\n") != NULL);
        CHECK(!strstr(s.headers.ptr, "Authorization"));
        CHECK(!strcmp(s.url.ptr, "https://mine.example/v1/chat/completions"));
        sent_drop(&s);
        rq.model = "groq/m";
        encode(&d, &rq, &s);
        CHECK(!strstr(s.headers.ptr, "Idempotency-Key"));
        sent_drop(&s);
    }
    CASE("keys-refused")
    {
        static const char *const bad[] = { "sk 1", "sk\r\nX: y", "s\x01k", "s\x7Fk", "sk-\xC3\xA9", "a\nb" };
        size_t i;
        for (i = 0; i < sizeof bad / sizeof *bad; i++) {
            tamar_request rq;
            sent s;
            memset(&rq, 0, sizeof rq);
            rq.model = "openai/gpt-4o";
            rq.prompt = "hi";
            rq.api_key = bad[i];
            encode(NULL, &rq, &s);
            CHECK(s.category == TAMAR_CONFIG);
            CHECK(!strstr(s.prose.ptr, bad[i]));
            sent_drop(&s);
        }
    }
    CASE("keys-on-plain-http")
    {
        static const struct { const char *url; bool fine; } table[] = {
            { "http://example.com/v1", false }, { "http://127.0.0.1:1/v1", true }, { "http://127.9.9.9/v1", true }, { "http://localhost/v1", true }, { "http://LOCALHOST./v1", true },
            { "http://a.localhost/v1", true }, { "http://[::1]:80/v1", true }, { "http://localhost.evil.example/v1", false }, { "http://127.0.0.1.evil.example/v1", false },
            { "http://evillocalhost/v1", false }, { "http://10.0.0.1/v1", false }, { "http://[fe80::1]/v1", false }, { "http://0.0.0.0/v1", false }, { "https://example.com/v1", true },
        };
        size_t i;
        for (i = 0; i < sizeof table / sizeof *table; i++) {
            tamar_desc d = nobody();
            tamar_request rq;
            sent s;
            memset(&rq, 0, sizeof rq);
            rq.model = "openai/gpt-4o";
            rq.prompt = "hi";
            rq.api_key = "secret-key";
            rq.base_url = table[i].url;
            encode(NULL, &rq, &s);
            CHECKF((s.category == TAMAR_OK) == table[i].fine, "%s: %s", table[i].url, s.prose.ptr);
            if (!table[i].fine) CHECK(!strstr(s.headers.ptr, "secret-key"));
            sent_drop(&s);
            d.allow_plain_http = true;
            encode(&d, &rq, &s);
            CHECK(s.category == TAMAR_OK);
            sent_drop(&s);
        }
    }
    CASE("extra-headers")
    {
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "openrouter/m";
        rq.prompt = "hi";
        rq.extra_headers = "HTTP-Referer: https://game.example\r\nX-Title:My Game \n\nX-Empty:\n";
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_OK);
        CHECK(strstr(s.headers.ptr, "\nHTTP-Referer: https://game.example (secret)\nX-Title: My Game (secret)\nX-Empty:  (secret)\n") != NULL);
        sent_drop(&s);
    }
    CASE("extra-headers-refused")
    {
        static const char *const bad[] = { "no colon", ": no name", "a b: c", "X-A: a\rb", "X-A: a\x01z", "X-\xC3\xA9: a", "Host: h", "content-length: 5", "Transfer-Encoding: chunked", "connection: close", "X-A : b" };
        size_t i;
        text many = { NULL, 0, 0 };
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-4o";
        rq.prompt = "hi";
        for (i = 0; i < sizeof bad / sizeof *bad; i++) {
            rq.extra_headers = bad[i];
            encode(NULL, &rq, &s);
            CHECKF(s.category == TAMAR_CONFIG, "%s", bad[i]);
            sent_drop(&s);
        }
        for (i = 0; i < 200; i++) addf(&many, "X-%lu: y\n", (unsigned long)i);
        rq.extra_headers = many.ptr;
        encode(NULL, &rq, &s);
        CHECK(s.category == TAMAR_CONFIG);
        sent_drop(&s);
        drop(&many);
    }
    CASE("extra-headers-twice")  // a name of theirs may come twice
    {
        tamar_request rq;
        sent s;
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-4o";
        rq.prompt = "hi";
        rq.extra_headers = "X-A: 1\nX-A: 2\n";
        encode(NULL, &rq, &s);
        CHECK(strstr(s.headers.ptr, "\nX-A: 1 (secret)\nX-A: 2 (secret)\n") != NULL);
        sent_drop(&s);
    }
    CASE("extra-headers-replace")  // one of our names replaces ours: two of it would be no request
    {
        tamar_request rq;
        sent s;
        const char *first;
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-4o";
        rq.prompt = "hi";
        rq.api_key = "k";
        rq.extra_headers = "user-agent: mine\nauthorization: Basic abc\n";
        encode(NULL, &rq, &s);
        for (first = s.headers.ptr; *first; first++) *(char *)(uintptr_t)first = (char)(*first >= 'A' && *first <= 'Z' ? *first + 32 : *first);
        first = strstr(s.headers.ptr, "user-agent:");
        CHECK(first && !strstr(first + 1, "user-agent:"));
        first = strstr(s.headers.ptr, "authorization:");
        CHECK(first && !strstr(first + 1, "authorization:"));
        sent_drop(&s);
    }
    CASE("encode-null")
    {
        tamar_encoded *e = tamar_encode(NULL, NULL);
        CHECK(e->error.category == TAMAR_CONFIG);
        tamar_encoded_free(e);
        tamar_encoded_free(NULL);
    }
    CASE("encode-in-fixed-memory")
    {
        tamar_request rq;
        sent want, s;
        size_t size, good = 0;
        memset(&rq, 0, sizeof rq);
        rq.model = "openai/gpt-6-sol";
        rq.prompt = "Name one river.";
        rq.extra = "{\"x\":1}";
        encode(NULL, &rq, &want);
        for (size = 0; size < 30000; size += size < 300 ? 1 : 41) {
            tamar_desc d = nobody();
            void *block = malloc(size ? size : 1);
            d.memory = block;
            d.memory_size = size;
            encode_once(&d, &rq, &s);
            CHECKF(s.category == TAMAR_NOMEM || same(&s.body, &want.body), "%lu bytes: %s", (unsigned long)size, s.prose.ptr);
            if (s.category == TAMAR_OK) good++;
            sent_drop(&s);
            free(block);
        }
        CHECK(good > 0);
        sent_drop(&want);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) only = argv[1];
    request_fields();
    request_tools();
    request_messages();
    round_trips();
    urls_and_headers();
    golden_bytes(GOLDEN_HASH);
    tool_deltas();
    choices_and_usage();
    deltas();
    utf8();
    errors();
    framing();
    memo();
    memory();
    return cases_done();
}
