// The rows of the providers that speak openai-chat with an accent: golden requests written from their documents, one case
// a quirk; and what their answers and errors have of their own. An argument runs only the case of that name.
// JSON stands here with ' for ".
#define API "openai-chat"
#include "dialect.h"

#define GOLDEN_HASH UINT64_C(0x8ee617c85a005010)  // of all golden bodies, in order

#define DONE "data: [DONE]\n\n"
#define DELTA(members) D("{'choices':[{'index':0,'delta':{" members "}}]}")
#define STOP D("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}") DONE
#define SAID(members) "{'choices':[{'index':0,'message':{'content':'hi'},'finish_reason':'stop'}]" members "}"

#define FIELDS(name, warnings, members, ...) \
    REQUEST(warnings, "{'model':'" name "'" members ",'messages':[{'role':'user','content':'hi'}]}", .prompt = "hi", __VA_ARGS__)
#define MESSAGES(model, warnings, want, ...) CONVERSATION(model, NULL, warnings, want, __VA_ARGS__)
#define PARTS(...) .parts = (const tamar_part[]){ __VA_ARGS__ }, .part_count = sizeof((const tamar_part[]){ __VA_ARGS__ }) / sizeof(tamar_part)
#define HI "{'role':'user','content':'hi'}"
#define CALL_F { .type = TAMAR_PART_TOOL_CALL, .id = str("c1"), .name = str("f"), .text = str("{\"a\":1}") }
#define CALL_F_JSON "'tool_calls':[{'id':'c1','type':'function','function':{'name':'f','arguments':'{\\'a\\':1}'}}]"
#define THOUGHT { .type = TAMAR_PART_REASONING, .text = str("why") }
#define NOW ",'tools':[{'type':'function','function':{'name':'now'}}]"

static const tamar_tool now_tool[] = { { .name = "now" } };
#define ONE_TOOL .tools = now_tool, .tool_count = 1

#define EFFORT(level) .effort = TAMAR_EFFORT_##level

static void thinking(void)
{
    CASE("enable-thinking")
    {
        FIELDS("ernie-5.1", "", ",'enable_thinking':false", .model = "qianfan/ernie-5.1", EFFORT(OFF));
        FIELDS("ernie-5.1", "", ",'enable_thinking':true,'reasoning_effort':'medium'", .model = "baidu/ernie-5.1", EFFORT(MEDIUM));
        FIELDS("ernie-5.1", "", "", .model = "qianfan/ernie-5.1");
        FIELDS("hunyuan-a13b", "", ",'enable_thinking':false", .model = "hunyuan/hunyuan-a13b", EFFORT(OFF));
        FIELDS("hunyuan-a13b", "effort", ",'enable_thinking':true", .model = "hunyuan/hunyuan-a13b", EFFORT(HIGH));
        FIELDS("hunyuan-turbos-latest", "effort", "", .model = "tencent/hunyuan-turbos-latest", EFFORT(HIGH));
    }
    CASE("thinking-budget")
    {
        FIELDS("qwen-plus", "", ",'enable_thinking':true,'thinking_budget':8192", .model = "qwen/qwen-plus", EFFORT(MEDIUM));
        FIELDS("qwen-plus", "", ",'enable_thinking':false", .model = "dashscope/qwen-plus", EFFORT(OFF));
        FIELDS("qwen3.8-max", "", ",'enable_thinking':true,'reasoning_effort':'xhigh'", .model = "qwen/qwen3.8-max", EFFORT(XHIGH));
        FIELDS("qwen3.8-max", "effort", ",'enable_thinking':true,'reasoning_effort':'medium'", .model = "qwen/qwen3.8-max", EFFORT(HIGH));
        FIELDS("qwq-plus", "", ",'thinking_budget':2048", .model = "qwq-plus", EFFORT(LOW));
        FIELDS("qwen2.5-7b-instruct", "effort", "", .model = "qwen/qwen2.5-7b-instruct", EFFORT(LOW));
        FIELDS("Qwen/Qwen3-8B", "", ",'enable_thinking':true,'thinking_budget':16384", .model = "siliconflow/Qwen/Qwen3-8B", EFFORT(HIGH));
        FIELDS("deepseek-ai/DeepSeek-R1", "", ",'thinking_budget':1024", .model = "siliconflow/deepseek-ai/DeepSeek-R1", EFFORT(MINIMAL));
        FIELDS("Qwen/Qwen2.5-7B-Instruct", "effort", "", .model = "siliconflow/Qwen/Qwen2.5-7B-Instruct", EFFORT(LOW));
    }
    CASE("reasons-in-a-stream-only")  // open-source qwen3: without a stream its own default is refused
    {
        FIELDS("qwen3-8b", "", ",'enable_thinking':false", .model = "qwen/qwen3-8b");
        FIELDS("qwen3-235b-a22b", "effort", ",'enable_thinking':false", .model = "qwen/qwen3-235b-a22b", EFFORT(HIGH));
        FIELDS("qwen3-8b", "", ",'stream':true,'stream_options':{'include_usage':true},'enable_thinking':true,'thinking_budget':16384",
               .model = "qwen/qwen3-8b", EFFORT(HIGH), .stream = true);
        FIELDS("qwen3-8b", "", ",'stream':true,'stream_options':{'include_usage':true}", .model = "qwen/qwen3-8b", .stream = true);
        FIELDS("qwen3-max", "", "", .model = "qwen/qwen3-max");
    }
    CASE("thinking-type")
    {
        FIELDS("glm-4.6", "", ",'thinking':{'type':'disabled'}", .model = "zhipu/glm-4.6", EFFORT(OFF));
        FIELDS("glm-4.6", "effort", ",'thinking':{'type':'enabled'}", .model = "z.ai/glm-4.6", EFFORT(LOW));
        FIELDS("glm-5.2", "", ",'thinking':{'type':'enabled'},'reasoning_effort':'low'", .model = "glm-5.2", EFFORT(LOW));
        FIELDS("glm-5.3", "effort", ",'thinking':{'type':'enabled'},'reasoning_effort':'low'", .model = "zhipu/glm-5.3", EFFORT(OFF));
        FIELDS("glm-4-flash", "effort", "", .model = "zhipu/glm-4-flash", EFFORT(LOW));
        FIELDS("doubao-seed-2.1-pro", "", ",'thinking':{'type':'enabled'},'reasoning_effort':'minimal'", .model = "doubao/doubao-seed-2.1-pro", EFFORT(MINIMAL));
        FIELDS("ep-123", "", ",'thinking':{'type':'disabled'}", .model = "ark/ep-123", EFFORT(OFF));
        FIELDS("hy3", "", ",'thinking':{'type':'enabled'},'reasoning_effort':'high'", .model = "tokenhub/hy3", EFFORT(HIGH));
        FIELDS("kimi-k2.6", "effort", ",'thinking':{'type':'enabled'}", .model = "moonshot/kimi-k2.6", EFFORT(HIGH));
        FIELDS("kimi-k2.5", "", ",'thinking':{'type':'disabled'}", .model = "kimi/kimi-k2.5", EFFORT(OFF));
        FIELDS("kimi-k3", "effort", ",'reasoning_effort':'low'", .model = "moonshot/kimi-k3", EFFORT(MEDIUM));
        FIELDS("kimi-k2.7-code", "effort", "", .model = "moonshot/kimi-k2.7-code", EFFORT(OFF));
        FIELDS("glm-4.6", "", ",'thinking':{'type':'enabled','clear_thinking':false}", .model = "zhipu/glm-4.6", EFFORT(OFF),
               .extra = quoted("{'thinking':{'type':'enabled','clear_thinking':false}}"));
    }
    CASE("thinking-elsewhere")
    {
        FIELDS("m", "", ",'reasoning':{'effort':'high'}", .model = "openrouter/m", EFFORT(HIGH));
        FIELDS("m", "", ",'reasoning':{'enabled':false}", .model = "openrouter/m", EFFORT(OFF));
        FIELDS("m", "", ",'reasoning':{'max_tokens':9}", .model = "openrouter/m", EFFORT(HIGH), .extra = quoted("{'reasoning':{'max_tokens':9}}"));
        FIELDS("m", "", ",'chat_template_kwargs':{'enable_thinking':false}", .model = "vllm/m", EFFORT(OFF));
        FIELDS("m", "", ",'chat_template_kwargs':{'enable_thinking':true},'reasoning_effort':'low'", .model = "vllm/m", EFFORT(LOW));
        FIELDS("grok-4.20-reasoning", "effort", "", .model = "xai/grok-4.20-reasoning", .api = "openai-chat", EFFORT(HIGH));
        FIELDS("grok-3-mini", "effort", ",'reasoning_effort':'low'", .model = "grok/grok-3-mini", .api = "openai-chat", EFFORT(MEDIUM));
        FIELDS("llama-3.3-70b-versatile", "effort", "", .model = "groq/llama-3.3-70b-versatile", EFFORT(HIGH));
        FIELDS("openai/gpt-oss-120b", "", ",'reasoning_effort':'high'", .model = "groq/openai/gpt-oss-120b", EFFORT(HIGH));
    }
    CASE("retired-names")
    {
        FIELDS("deepseek-v4-flash", "retired", ",'thinking':{'type':'disabled'}", .model = "deepseek/deepseek-chat");
        FIELDS("deepseek-v4-flash", "retired", ",'thinking':{'type':'enabled'},'reasoning_effort':'high'", .model = "deepseek-chat", EFFORT(HIGH));
        FIELDS("deepseek-v4-flash", "retired", "", .model = "deepseek/deepseek-reasoner");
        FIELDS("deepseek-v4-flash", "retired", ",'temperature':0.5,'thinking':{'type':'disabled'}", .model = "deepseek-chat", .temperature = tamar_double(0.5));
        FIELDS("deepseek-v4-pro", "unsupported", "", .model = "deepseek/deepseek-v4-pro", .temperature = tamar_double(0.5));  // ignored while it reasons
    }
}

static void limits(void)
{
    static const char *const stops[] = { "a", "\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD", "123456789012345678901", "b", "c", "d", "e" };
    CASE("token-limits")
    {
        FIELDS("ernie-5.1", "", ",'max_tokens':50", .model = "qianfan/ernie-5.1", .max_tokens = 50);
        FIELDS("qwen-plus", "", ",'max_tokens':50", .model = "qwen/qwen-plus", .max_tokens = 50);
        FIELDS("hunyuan-lite", "", ",'max_tokens':50", .model = "hunyuan/hunyuan-lite", .max_tokens = 50);
        FIELDS("glm-4.6", "", ",'max_tokens':50", .model = "zhipu/glm-4.6", .max_tokens = 50);
        FIELDS("doubao-seed-1.6", "", ",'max_completion_tokens':50", .model = "doubao/doubao-seed-1.6", .max_tokens = 50);
        FIELDS("kimi-k2.6", "", ",'max_completion_tokens':50", .model = "moonshot/kimi-k2.6", .max_tokens = 50);
        FIELDS("MiniMax-M3", "", ",'reasoning_split':true,'max_completion_tokens':50", .model = "minimax/MiniMax-M3", .max_tokens = 50);
        FIELDS("m", "", ",'max_tokens':50", .model = "siliconflow/m", .max_tokens = 50);
    }
    CASE("usage-opt-in")
    {
        FIELDS("glm-4.6", "", ",'stream':true", .model = "zhipu/glm-4.6", .stream = true);
        FIELDS("MiniMax-M3", "", ",'stream':true,'reasoning_split':true", .model = "MiniMax-M3", .stream = true);
        FIELDS("ernie-5.1", "", ",'stream':true,'stream_options':{'include_usage':true}", .model = "ernie-5.1", .stream = true);
        FIELDS("kimi-k3", "", ",'stream':true,'stream_options':{'include_usage':true}", .model = "kimi-k3", .stream = true);
        FIELDS("doubao-seed-1.6", "", ",'stream':true,'stream_options':{'include_usage':true}", .model = "doubao-seed-1.6", .stream = true);
    }
    CASE("clamps")
    {
        FIELDS("glm-4.6", "clamped", ",'temperature':1.0", .model = "zhipu/glm-4.6", .temperature = tamar_double(1.5));
        FIELDS("glm-4.6", "clamped", ",'temperature':0.01", .model = "zhipu/glm-4.6", .temperature = tamar_double(0));
        FIELDS("glm-4.6", "", ",'temperature':0.7", .model = "zhipu/glm-4.6", .temperature = tamar_double(0.7));
        FIELDS("MiniMax-M3", "clamped", ",'reasoning_split':true,'temperature':0.01", .model = "minimax/MiniMax-M3", .temperature = tamar_double(0));
        FIELDS("kimi-k2.6", "unsupported", "", .model = "moonshot/kimi-k2.6", .temperature = tamar_double(1), .top_p = tamar_double(1), .presence_penalty = tamar_double(1));
        FIELDS("moonshot-v1-8k", "", ",'temperature':0.5", .model = "moonshot/moonshot-v1-8k", .temperature = tamar_double(0.5));
    }
    CASE("penalties-and-seeds")
    {
        FIELDS("qwen-plus", "unsupported", ",'presence_penalty':1.0", .model = "qwen/qwen-plus", .presence_penalty = tamar_double(1), .frequency_penalty = tamar_double(1));
        FIELDS("hunyuan-lite", "unsupported", "", .model = "hunyuan/hunyuan-lite", .presence_penalty = tamar_double(1));
        FIELDS("glm-4.6", "unsupported", "", .model = "zhipu/glm-4.6", .frequency_penalty = tamar_double(1));
        FIELDS("kimi-k2.6", "unsupported", "", .model = "moonshot/kimi-k2.6", .seed = tamar_int(7));
        FIELDS("ernie-5.1", "", ",'seed':7", .model = "qianfan/ernie-5.1", .seed = tamar_int(7));
        FIELDS("qwen-plus", "", ",'top_k':20", .model = "qwen/qwen-plus", .top_k = tamar_int(20));
        FIELDS("m", "", ",'top_k':20", .model = "siliconflow/m", .top_k = tamar_int(20));
        FIELDS("kimi-k2.6", "unsupported", "", .model = "moonshot/kimi-k2.6", .top_k = tamar_int(20));
        FIELDS("gpt-4o", "unsupported", "", .model = "openai/gpt-4o", .top_k = tamar_int(20));
        FIELDS("m", "", ",'logprobs':3", .model = "together/m", .logprobs = tamar_int(1), .top_logprobs = tamar_int(3));
        FIELDS("m", "", ",'logprobs':1", .model = "together/m", .logprobs = tamar_int(1));
    }
    CASE("stop-limits")
    {
        FIELDS("glm-4.6", "unsupported", ",'stop':['a']", .model = "zhipu/glm-4.6", .stop = stops, .stop_count = 2);
        FIELDS("ernie-5.1", "unsupported", ",'stop':['a','\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD','b','c']",
               .model = "qianfan/ernie-5.1", .stop = stops, .stop_count = 5);
        FIELDS("moonshot-v1-8k", "unsupported", ",'stop':['a','123456789012345678901','b','c','d']", .model = "moonshot/moonshot-v1-8k", .stop = stops, .stop_count = 6);
        FIELDS("doubao-pro", "unsupported", ",'stop':['a','\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD\xE4\xB8\xAD','123456789012345678901','b']",
               .model = "doubao/doubao-pro", .stop = stops, .stop_count = 5);
        FIELDS("doubao-seed-1.6", "unsupported", "", .model = "doubao/doubao-seed-1.6", .stop = stops, .stop_count = 1);
        FIELDS("ernie-5.1", "unsupported", "", .model = "qianfan/ernie-5.1", .stop = stops + 2, .stop_count = 1);  // nothing left: no empty list
        FIELDS("glm-4.6", "unsupported", ",'stop':['z']", .model = "zhipu/glm-4.6", .stop = stops, .stop_count = 2, .extra = quoted("{'stop':['z']}"));
    }
    CASE("user-ids")
    {
        FIELDS("glm-4.6", "", ",'user_id':'user-1'", .model = "zhipu/glm-4.6", .user = "user-1");
        FIELDS("kimi-k3", "", ",'safety_identifier':'u'", .model = "moonshot/kimi-k3", .user = "u");
        FIELDS("ernie-5.1", "", ",'user':'u'", .model = "qianfan/ernie-5.1", .user = "u");
    }
}

static void formats_and_tools(void)
{
    CASE("schema-absent")
    {
#define ASKED(name, system) \
    REQUEST("schema", "{'model':'" name "','response_format':{'type':'json_object'},'messages':[{'role':'system','content':'" system "'}," HI "]}", \
            .model = name, .prompt = "hi", .format = TAMAR_FORMAT_SCHEMA, .schema = "{}")
#define ASKS "Answer with nothing but JSON that is valid against this JSON Schema:\\n{}"
        ASKED("glm-4.6", ASKS);
        ASKED("qwen-plus", ASKS);
        ASKED("ernie-x1-turbo-32k", ASKS);
        ASKED("hunyuan-lite", ASKS);
#define ENFORCED ",'response_format':{'type':'json_schema','json_schema':{'name':'response','strict':true,'schema':{}}}"
        FIELDS("ernie-5.1", "", ENFORCED, .model = "ernie-5.1", .format = TAMAR_FORMAT_SCHEMA, .schema = "{}");
        FIELDS("qwen3.7-plus", "", ENFORCED, .model = "qwen3.7-plus", .format = TAMAR_FORMAT_SCHEMA, .schema = "{}");
        FIELDS("doubao-seed-1.6", "", ENFORCED, .model = "doubao-seed-1.6", .format = TAMAR_FORMAT_SCHEMA, .schema = "{}");
        FIELDS("sonar", "", ",'response_format':{'type':'json_schema','json_schema':{'schema':{'type':'object'}}}", .model = "sonar", .format = TAMAR_FORMAT_JSON);
        FIELDS("glm-4.6", "", ",'response_format':{'type':'json_object'}", .model = "glm-4.6", .format = TAMAR_FORMAT_JSON);
    }
    CASE("schema-plain")  // Kimi refuses $schema
    {
        static const tamar_tool tool[] = { { .name = "f", .parameters = "{\"$schema\":\"x\",\"type\":\"object\"}" } };
        FIELDS("kimi-k3", "", ",'response_format':{'type':'json_schema','json_schema':{'name':'response','strict':true,'schema':{'type':'object'}}}",
               .model = "kimi-k3", .format = TAMAR_FORMAT_SCHEMA, .schema = quoted("{'$schema':'x','type':'object'}"));
        FIELDS("kimi-k3", "", ",'tools':[{'type':'function','function':{'name':'f','parameters':{'type':'object'}}}]", .model = "kimi-k3", .tools = tool, .tool_count = 1);
    }
    CASE("tool-choice-limits")
    {
        FIELDS("glm-4.6", "tool_choice", NOW ",'tool_choice':'auto'", .model = "zhipu/glm-4.6", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        FIELDS("glm-4.6", "tool_choice", "", .model = "zhipu/glm-4.6", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_NONE);
        FIELDS("glm-4.6", "", NOW ",'tool_choice':'auto'", .model = "zhipu/glm-4.6", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_AUTO);
        FIELDS("kimi-k2.6", "tool_choice", NOW ",'tool_choice':'auto'", .model = "moonshot/kimi-k2.6", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "now");
        FIELDS("kimi-k2.6", "", NOW ",'tool_choice':'none'", .model = "moonshot/kimi-k2.6", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_NONE);
        FIELDS("kimi-k3", "", NOW ",'tool_choice':'required'", .model = "moonshot/kimi-k3", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_REQUIRED);
        FIELDS("hy3", "tool_choice", NOW ",'tool_choice':'required'", .model = "tokenhub/hy3", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "now");
        FIELDS("m", "tool_choice", NOW ",'tool_choice':'required'", .model = "lmstudio/m", ONE_TOOL, .tool_choice = TAMAR_TOOL_CHOICE_NAMED, .tool_name = "now");
        FIELDS("glm-4.6", "unsupported", NOW, .model = "zhipu/glm-4.6", ONE_TOOL, .parallel_tool_calls = tamar_int(1));
        FIELDS("ernie-5.1", "", NOW ",'parallel_tool_calls':false", .model = "qianfan/ernie-5.1", ONE_TOOL, .parallel_tool_calls = tamar_int(0));
    }
}

static void messages(void)
{
    CASE("pictures")
    {
        MESSAGES("zhipu/glm-4.5v", "", "{'model':'glm-4.5v','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'R0lGODk='}}]}]}",
                 { PARTS({ .type = TAMAR_PART_IMAGE, .data = str("GIF89") }) });
        MESSAGES("zhipu/glm-4.5v", "", "{'model':'glm-4.5v','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'AAAA'}},{'type':'image_url','image_url':{'url':'https://x/y.png'}}]}]}",
                 { PARTS({ .type = TAMAR_PART_IMAGE, .url = str("data:image/png;base64,AAAA") }, { .type = TAMAR_PART_IMAGE, .url = str("https://x/y.png") }) });
        MESSAGES("moonshot/kimi-k3", "unsupported", "{'model':'kimi-k3','messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'ms://f1'}},{'type':'image_url','image_url':{'url':'data:image/gif;base64,R0lGODk='}}]}]}",
                 { PARTS({ .type = TAMAR_PART_IMAGE, .url = str("https://x/y.png") }, { .type = TAMAR_PART_IMAGE, .url = str("ms://f1") }, { .type = TAMAR_PART_IMAGE, .data = str("GIF89") }) });
    }
    CASE("documents")
    {
        MESSAGES("mistral/m", "", "{'model':'m','messages':[{'role':'user','content':[{'type':'document_url','document_url':'https://x/y.pdf'},{'type':'document_url','document_url':'data:application/pdf;base64,JVBE','document_name':'a.pdf'}]}]}",
                 { PARTS({ .type = TAMAR_PART_FILE, .url = str("https://x/y.pdf") }, { .type = TAMAR_PART_FILE, .data = str("%PD"), .name = str("a.pdf") }) });
        MESSAGES("deepseek/deepseek-v4-pro", "", "{'model':'deepseek-v4-pro','messages':[{'role':'user','content':[{'type':'file','filename':'a.pdf','file_data':'data:application/pdf;base64,JVBE'},{'type':'file','file_id':'f1'}]}]}",
                 { PARTS({ .type = TAMAR_PART_FILE, .data = str("%PD"), .name = str("a.pdf") }, { .type = TAMAR_PART_FILE, .id = str("f1") }) });
    }
    CASE("cache-marks-where-they-work")
    {
        MESSAGES("qwen/qwen-plus", "", "{'model':'qwen-plus','messages':[{'role':'system','content':[{'type':'text','text':'a','cache_control':{'type':'ephemeral'}}]}," HI "]}",
                 { .role = TAMAR_ROLE_SYSTEM, PARTS({ .text = str("a"), .cache = true }) }, { .text = "hi" });
        MESSAGES("openrouter/anthropic/claude-opus-5", "", "{'model':'anthropic/claude-opus-5','messages':[{'role':'user','content':[{'type':'text','text':'a','cache_control':{'type':'ephemeral'}},{'type':'text','text':'b'}]}]}",
                 { PARTS({ .text = str("a"), .cache = true }, { .text = str("b") }) });
        MESSAGES("zhipu/glm-4.6", "unsupported", "{'model':'glm-4.6','messages':[{'role':'user','content':'a'}]}", { PARTS({ .text = str("a"), .cache = true }) });
    }
    CASE("reasoning-back")
    {
#define TURN { .role = TAMAR_ROLE_ASSISTANT, PARTS(THOUGHT, CALL_F) }
        MESSAGES("moonshot/kimi-k3", "", "{'model':'kimi-k3','messages':[" HI ",{'role':'assistant','content':' ','reasoning_content':'why'," CALL_F_JSON "}]}", { .text = "hi" }, TURN);
        MESSAGES("tokenhub/hy3", "", "{'model':'hy3','messages':[" HI ",{'role':'assistant','content':null,'reasoning_content':'why'," CALL_F_JSON "}]}", { .text = "hi" }, TURN);
        MESSAGES("hunyuan/hunyuan-t1-latest", "", "{'model':'hunyuan-t1-latest','messages':[" HI ",{'role':'assistant','content':null," CALL_F_JSON "}]}", { .text = "hi" }, TURN);  // an error there
        MESSAGES("zhipu/glm-4.6", "", "{'model':'glm-4.6','messages':[" HI ",{'role':'assistant','content':null," CALL_F_JSON "}]}", { .text = "hi" }, TURN);
        MESSAGES("qwen/qwen-plus", "", "{'model':'qwen-plus','messages':[" HI ",{'role':'assistant','content':null," CALL_F_JSON "}]}", { .text = "hi" }, TURN);
    }
    CASE("blank-content")  // Kimi refuses ""
    {
        MESSAGES("moonshot/kimi-k3", "", "{'model':'kimi-k3','messages':[" HI ",{'role':'assistant','content':' '}]}", { .text = "hi" }, { .role = TAMAR_ROLE_ASSISTANT, .text = "" });
    }
}

static void answers(void)
{
    CASE("body-error-under-200")
    {
        BODY("error=rate 200 code 1002 retry", "{'base_resp':{'status_code':1002,'status_msg':'rate limit'}}");
        BODY("error=auth 200 code 1004", "{'id':'x','choices':null,'base_resp':{'status_code':1004,'status_msg':'login fail'}}");
        BODY("error=billing 200 code 1008", "{'choices':[],'base_resp':{'status_code':1008,'status_msg':'insufficient balance'}}");
        BODY("text=hi; finish=stop; error=content_filter 200 code 1027", SAID(",'base_resp':{'status_code':1027,'status_msg':'output sensitive'}"));
        BODY("text=hi; finish=stop", SAID(",'base_resp':{'status_code':0,'status_msg':''}"));
        STREAM("text=a; error=server 200 code 1033 retry", DELTA("'content':'a'") D("{'base_resp':{'status_code':1033,'status_msg':'system error'}}"));
        STREAM("text=a; error=rate 200 code 1302 retry", DELTA("'content':'a'") D("{'error':{'code':'1302','message':'too fast'}}"));
        BODY("error=bad_request 200 code InvalidParameter", "{'code':'InvalidParameter','message':'m','requestId':'r'}");
    }
    CASE("reasoning-cumulative")  // MiniMax
    {
#define GROWN(text) DELTA("'reasoning_details':[{'type':'reasoning.text','id':'reasoning-text-1','format':'MiniMax-response-v1','index':0,'text':'" text "'}]")
        STREAM("text=b; reasoning=so it is; finish=stop", GROWN("so") GROWN("so it") GROWN("so it is") DELTA("'content':'b'") STOP);
        check_parts("part 7 so it; opaque [{\"type\":\"reasoning.text\",\"id\":\"reasoning-text-1\",\"format\":\"MiniMax-response-v1\",\"index\":0,\"text\":\"so it\"}]; origin openai-chat; ",
                    GROWN("so") GROWN("so it") STOP);
        STREAM("reasoning=soso it; finish=stop", DELTA("'reasoning_details':[{'text':'so'}]") DELTA("'reasoning_details':[{'text':'so it'}]") STOP);  // nobody else
    }
    CASE("usage-in-choice")  // Kimi
    {
        STREAM("text=a; finish=stop; usage in 3 out 2 total 5", DELTA("'content':'a'")
               D("{'choices':[{'index':0,'delta':{},'finish_reason':'stop','usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5}}]}") DONE);
        BODY("text=hi; finish=stop; usage in 9 out 2 total 11 cached 4", SAID(",'usage':{'prompt_tokens':9,'completion_tokens':2,'total_tokens':11,'cached_tokens':4}"));
    }
    CASE("usage-on-content-chunk")  // GLM, unasked
    {
        STREAM("text=ab; finish=stop; usage in 3 out 2 total 5", DELTA("'content':'a'")
               D("{'choices':[{'index':0,'delta':{'content':'b'},'finish_reason':'stop'}],'usage':{'prompt_tokens':3,'completion_tokens':2,'total_tokens':5}}") DONE);
    }
    CASE("filters")
    {
        BODY("text=hi; finish=content_filter(stop)", "{'choices':[{'index':0,'message':{'content':'hi'},'finish_reason':'stop','flag':3}]}");
        BODY("text=hi; finish=stop", "{'choices':[{'index':0,'message':{'content':'hi'},'finish_reason':'stop','flag':1}]}");
        BODY("text=hi; finish=content_filter(stop)", "{'choices':[{'index':0,'message':{'content':'hi'},'finish_reason':'stop','moderation_hit_type':'violence'}]}");
        BODY("text=hi; finish=stop", "{'choices':[{'index':0,'message':{'content':'hi'},'finish_reason':'stop','moderation_hit_type':null}]}");
        BODY("text=hi; finish=content_filter(sensitive)", "{'choices':[{'index':0,'message':{'content':'hi'},'finish_reason':'sensitive'}]}");
    }
    CASE("finish-words")
    {
#define ENDS(want, word) BODY("text=hi; finish=" want, "{'choices':[{'index':0,'message':{'content':'hi'},'finish_reason':'" word "'}]}")
        ENDS("length(model_context_window_exceeded)", "model_context_window_exceeded");
        ENDS("length(repetition_truncation); warn=repetition", "repetition_truncation");
        ENDS("error(network_error)", "network_error");
        ENDS("error(insufficient_system_resource)", "insufficient_system_resource");
        ENDS("stop(end)", "end");
    }
    CASE("web-search-results")  // GLM
    {
        BODY("text=hi; cite=https://x t; finish=stop", SAID(",'web_search':[{'title':'t','content':'c','link':'https://x','refer':'ref_1'}]"));
        BODY("text=hi; cite=https://x t; finish=stop", SAID(",'search_results':[{'index':1,'url':'https://x','title':'t'}]"));
    }
}

#define ERROR(status, want, json) REFUSED(status, "error=" want, json)

static void errors(void)
{
    CASE("dashscope-throttle")  // its word for a busy minute is everybody else's for an empty account
    {
        ERROR(429, "rate 429 code insufficient_quota type insufficient_quota retry", "{'error':{'message':'You exceeded your current quota','type':'insufficient_quota','param':null,'code':'insufficient_quota'},'request_id':'r1'}");
        ERROR(429, "billing 429 code insufficient_quota type insufficient_quota", "{'error':{'message':'You exceeded your current quota','type':'insufficient_quota','param':null,'code':'insufficient_quota'}}");
        ERROR(400, "billing 400 code Arrearage type Arrearage", "{'error':{'message':'Access denied, please make sure your account is in good standing.','type':'Arrearage','param':null,'code':'Arrearage'},'request_id':'r1'}");
        ERROR(429, "rate 429 code Throttling.AllocationQuota retry", "{'code':'Throttling.AllocationQuota','message':'m','request_id':'r'}");
        ERROR(429, "rate 429 code limit_requests type limit_requests retry", "{'error':{'message':'m','type':'limit_requests','code':'limit_requests'},'request_id':'r'}");
    }
    CASE("zhipu-arrears")  // under 429; the code decides, string or number
    {
        ERROR(429, "billing 429 code 1113", "{'error':{'code':'1113','message':'arrears'}}");
        ERROR(429, "billing 429 code 1113", "{'error':{'code':1113,'message':'arrears'}}");
        ERROR(429, "rate 429 code 1302 retry", "{'error':{'code':'1302','message':'m'}}");
        ERROR(429, "overloaded 429 code 1305 retry", "{'error':{'code':'1305','message':'m'}}");
        ERROR(429, "quota 429 code 1308", "{'error':{'code':'1308','message':'will reset at 2026-11-22 03:04:05'}}");
        ERROR(401, "auth 401 code 1002", "{'error':{'code':'1002','message':'m'}}");
        ERROR(400, "content_filter 400 code 1301", "{'error':{'code':'1301','message':'m'},'contentFilter':[{'role':'user','level':1}]}");
        ERROR(400, "model_not_found 400 code 1211", "{'error':{'code':'1211','message':'m'}}");
        ERROR(400, "bad_request 400 code 1214", "{'error':{'code':'1214','message':'m'}}");
        ERROR(500, "server 500 code 1234 retry", "{'error':{'code':'1234','message':'m'}}");
        ERROR(429, "billing 429 code 1113", "{'code':1113,'message':'arrears'}");
    }
    CASE("other-words")
    {
        ERROR(429, "rate 429 code rpm_rate_limit_exceeded type rate_limit_exceeded retry", "{'error':{'code':'rpm_rate_limit_exceeded','message':'m','type':'rate_limit_exceeded'},'id':'as-1'}");
        ERROR(400, "context 400 code tokens_too_long type invalid_request_error", "{'error':{'code':'tokens_too_long','message':'m','type':'invalid_request_error'},'id':'as-1'}");
        ERROR(403, "content_filter 403 code system_unsafe type access_denied", "{'error':{'code':'system_unsafe','message':'m','type':'access_denied'}}");
        ERROR(401, "model_not_found 401 code invalid_model type invalid_request_error", "{'error':{'code':'invalid_model','message':'m','type':'invalid_request_error'}}");
        ERROR(401, "auth 401 code invalid_iam_token", "{'error':{'code':'invalid_iam_token','message':'m'}}");
        ERROR(403, "billing 403 code AccountOverdueError type Forbidden", "{'error':{'code':'AccountOverdueError','message':'m','type':'Forbidden'}}");
        ERROR(429, "quota 429 code SetLimitExceeded", "{'error':{'code':'SetLimitExceeded','message':'m'}}");
        ERROR(429, "rate 429 code RateLimitExceeded.EndpointTPMExceeded retry", "{'error':{'code':'RateLimitExceeded.EndpointTPMExceeded','message':'m'}}");
        ERROR(429, "overloaded 429 code ServerOverloaded retry", "{'error':{'code':'ServerOverloaded','message':'m'}}");
        ERROR(400, "content_filter 400 code InputTextSensitiveContentDetected", "{'error':{'code':'InputTextSensitiveContentDetected','message':'m'}}");
        ERROR(404, "model_not_found 404 code InvalidEndpointOrModel.NotFound", "{'error':{'code':'InvalidEndpointOrModel.NotFound','message':'m'}}");
        ERROR(429, "billing 429 type exceeded_current_quota_error", "{'error':{'type':'exceeded_current_quota_error','message':'m'}}");
        ERROR(429, "overloaded 429 type engine_overloaded_error retry", "{'error':{'type':'engine_overloaded_error','message':'m'}}");
        ERROR(400, "content_filter 400 code DataInspectionFailed", "{'code':'DataInspectionFailed','message':'m','request_id':'r'}");
        ERROR(401, "auth 401 code InvalidApiKey", "{'code':'InvalidApiKey','message':'m','request_id':'r'}");
        ERROR(403, "permission 403 code AccessDenied.Unpurchased", "{'code':'AccessDenied.Unpurchased','message':'m','request_id':'r'}");
        ERROR(503, "overloaded 503 code 50505 retry", "{'code':50505,'message':'busy','data':null}");
        ERROR(400, "model_not_found 400 code 20012", "{'code':20012,'message':'Model does not exist','data':null}");
        ERROR(403, "billing 403 code 30001", "{'code':30001,'message':'balance','data':null}");
        ERROR(401, "auth 401", "'Invalid token'");
    }
    CASE("request-id-in-body")
    {
        tamar_decoder_desc desc;
        tamar_decoder *d;
        const char *body = quoted("{'code':'Throttling','message':'m','request_id':'r-77'}");
        memset(&desc, 0, sizeof desc);
        desc.status = 429;
        d = tamar_decoder_open(&desc);
        tamar_decoder_feed(d, body, strlen(body));
        CHECK(!strcmp(tamar_decoder_end(d, true)->error.request_id, "r-77"));
        tamar_decoder_close(d);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1) only = argv[1];
    thinking();
    limits();
    formats_and_tools();
    messages();
    golden_bytes(GOLDEN_HASH);
    answers();
    errors();
    return cases_done();
}
