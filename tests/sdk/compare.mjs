// The same call made by a vendor's own SDK and by Tamar, both recorded over loopback and compared: method, path and
// query, the headers that matter, the body as a JSON value. What may differ stands in `allowed`, and nowhere else.
//   node compare.mjs DIRECTORY_WITH_NODE_MODULES CALLS_PROGRAM
import { createServer } from 'node:http';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const [directory, program] = process.argv.slice(2);
const require = createRequire(resolve(directory, 'package.json'));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const OpenAI = (await load('openai')).default;
const Anthropic = (await load('@anthropic-ai/sdk')).default;
const { GoogleGenAI } = await load('@google/genai');

let seen = [];
const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        seen.push({ method: request.method, path: request.url, headers: request.headers, body: text ? JSON.parse(text) : null });
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end('{"error":{"type":"invalid_request_error","code":400,"status":"INVALID_ARGUMENT","message":"recorded"}}');
    });
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
console.warn = () => {};  // of models that the vendor means to retire
const origin = `http://127.0.0.1:${server.address().port}`;
const apiKey = 'key-of-the-test';
const openai = new OpenAI({ apiKey, baseURL: `${origin}/v1`, maxRetries: 0 });
const anthropic = new Anthropic({ apiKey, baseURL: origin, maxRetries: 0 });
const google = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: origin } });

// -- the matrix ------------------------------------------------------------------------------------

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const about = { name: 'weather', description: 'Tells the weather.' };
const image = 'iVBORw0KGgo=';
const weather = 'What is the weather in Oslo?', degrees = '{"degrees":3}';
const args = '{"city":"Oslo"}';

const chat = (more, content = 'Hello') =>
    openai.chat.completions.create({ model: 'gpt-4o', max_completion_tokens: 100, messages: [{ role: 'user', content }], ...more });
const chatTool = { tools: [{ type: 'function', function: { ...about, parameters: schema } }] };
const responses = (more, input = 'Hello') => openai.responses.create({ model: 'gpt-4o', max_output_tokens: 100, store: false,
    input: typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input, ...more });
const responsesTool = { tools: [{ type: 'function', ...about, parameters: schema, strict: false }] };
const claude = (more, content = 'Hello') =>
    anthropic.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content }], ...more });
const claudeTool = { tools: [{ ...about, input_schema: schema }] };
const gemini = (config, parts = [{ text: 'Hello' }], model = 'gemini-2.5-flash') => google.models.generateContent({ model,
    contents: parts[0].role ? parts : [{ role: 'user', parts }], config: { maxOutputTokens: 100, ...config } });
const geminiTool = { tools: [{ functionDeclarations: [{ ...about, parametersJsonSchema: schema }] }] };

const matrix = {
    chat: {
        base: `${origin}/v1`,
        plain: () => chat(),
        system: () => chat({ messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello' }] }),
        turns: () => chat({ messages: [{ role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hi.' }, { role: 'user', content: 'And now?' }] }),
        image: () => chat({}, [{ type: 'text', text: 'What is this?' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }]),
        tools: () => chat(chatTool),
        forced: () => chat({ ...chatTool, tool_choice: { type: 'function', function: { name: 'weather' } } }),
        result: () => chat({ ...chatTool, messages: [{ role: 'user', content: weather },
            { role: 'assistant', content: null, tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: args } }] },
            { role: 'tool', tool_call_id: 'call_1', content: degrees }] }),
        schema: () => chat({ response_format: { type: 'json_schema', json_schema: { name: 'place', strict: true, schema } } }),
        stop: () => chat({ stop: ['END', 'STOP'] }),
        temperature: () => chat({ temperature: 0.5 }),
        stream: () => chat({ stream: true, stream_options: { include_usage: true, include_obfuscation: false } }),
        effort: () => chat({ model: 'gpt-5.5', reasoning_effort: 'low' }),
        embeddings: () => openai.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'], dimensions: 256 }),
        models: () => openai.models.list(),
    },
    responses: {
        base: `${origin}/v1`,
        plain: () => responses(),
        system: () => responses({ instructions: 'Be brief.' }),
        turns: () => responses({}, [{ type: 'message', role: 'user', content: 'Hello' }, { type: 'message', role: 'assistant', content: 'Hi.' },
            { type: 'message', role: 'user', content: 'And now?' }]),
        image: () => responses({}, [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: `data:image/png;base64,${image}`, detail: 'auto' }] }]),
        tools: () => responses(responsesTool),
        forced: () => responses({ ...responsesTool, tool_choice: { type: 'function', name: 'weather' } }),
        result: () => responses(responsesTool, [{ type: 'message', role: 'user', content: weather },
            { type: 'function_call', call_id: 'call_1', name: 'weather', arguments: args },
            { type: 'function_call_output', call_id: 'call_1', output: degrees }]),
        schema: () => responses({ text: { format: { type: 'json_schema', name: 'place', strict: true, schema } } }),
        temperature: () => responses({ temperature: 0.5 }),
        stream: () => responses({ stream: true }),
        effort: () => responses({ model: 'gpt-5.5', reasoning: { effort: 'low', summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
        tokens: () => openai.responses.inputTokens.count({ model: 'gpt-4o', input: [{ type: 'message', role: 'user', content: 'Hello' }] }),
    },
    anthropic: {
        base: origin,
        plain: () => claude(),
        system: () => claude({ system: 'Be brief.' }),
        turns: () => claude({ messages: [{ role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hi.' }, { role: 'user', content: 'And now?' }] }),
        image: () => claude({}, [{ type: 'text', text: 'What is this?' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } }]),
        tools: () => claude(claudeTool),
        forced: () => claude({ ...claudeTool, tool_choice: { type: 'tool', name: 'weather' } }),
        result: () => claude({ ...claudeTool, messages: [{ role: 'user', content: weather },
            { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'weather', input: JSON.parse(args) }] },
            { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: degrees }] }] }),
        schema: () => claude({ output_config: { format: { type: 'json_schema', schema } } }),
        stop: () => claude({ stop_sequences: ['END', 'STOP'] }),
        temperature: () => claude({ temperature: 0.5 }),
        stream: () => claude({ stream: true }),
        effort: () => claude({ model: 'claude-opus-5', thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'low' } }),
        models: () => anthropic.models.list({ limit: 1000 }),
        tokens: () => anthropic.messages.countTokens({ model: 'claude-sonnet-4-5', messages: [{ role: 'user', content: 'Hello' }] }),
    },
    google: {
        base: origin,
        plain: () => gemini(),
        system: () => gemini({ systemInstruction: { parts: [{ text: 'Be brief.' }] } }),
        turns: () => gemini({}, [{ role: 'user', parts: [{ text: 'Hello' }] }, { role: 'model', parts: [{ text: 'Hi.' }] }, { role: 'user', parts: [{ text: 'And now?' }] }]),
        image: () => gemini({}, [{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: image } }]),
        tools: () => gemini(geminiTool),
        forced: () => gemini({ ...geminiTool, toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] } } }),
        result: () => gemini(geminiTool, [{ role: 'user', parts: [{ text: weather }] },
            { role: 'model', parts: [{ functionCall: { name: 'weather', args: JSON.parse(args) } }] },
            { role: 'user', parts: [{ functionResponse: { name: 'weather', response: JSON.parse(degrees) } }] }]),
        schema: () => gemini({ responseMimeType: 'application/json', responseJsonSchema: schema }),
        stop: () => gemini({ stopSequences: ['END', 'STOP'] }),
        temperature: () => gemini({ temperature: 0.5 }),
        stream: () => google.models.generateContentStream({ model: 'gemini-2.5-flash', contents: [{ role: 'user', parts: [{ text: 'Hello' }] }], config: { maxOutputTokens: 100 } }),
        effort: () => gemini({ thinkingConfig: { includeThoughts: true, thinkingLevel: 'LOW' } }, [{ text: 'Hello' }], 'gemini-3-flash-preview'),
        embeddings: () => google.models.embedContent({ model: 'gemini-embedding-001', contents: ['one', 'two'], config: { outputDimensionality: 256 } }),
        models: () => google.models.list({ config: { pageSize: 1000 } }),
        tokens: () => google.models.countTokens({ model: 'gemini-2.5-flash', contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }),
    },
};

// What may differ: [vendor/call (a pattern), place, reason]. A row that nothing needs any more is a failure.
const allowed = [
    [/^chat\/embeddings$/, '/body/encoding_format', 'the SDK asks for base64 behind its caller\'s back; numbers are what JSON has'],
    [/^responses\/stream$/, '/body/stream_options', 'padding costs bytes and helps nobody here'],
    [/^anthropic\//, '/headers/authorization', 'the SDK sends the key as a token, as the newer version of the API has it; x-api-key goes on being taken'],
    [/^anthropic\//, '/headers/x-api-key', 'the same'],
    [/^anthropic\//, '/headers/anthropic-version', 'the older version, for this is not the vendor\'s own base URL'],
    [/^google\//, '/path', 'v1beta instead of v1, which knows all that the neutral form can ask for'],
    [/^google\/embeddings$/, '/body/requests/0/content/role', 'the vendor\'s default'],
    [/^google\/embeddings$/, '/body/requests/1/content/role', 'the vendor\'s default'],
    [/^google\/models$/, '/headers/content-type', 'there is no body'],
];

const headers = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'anthropic-version', 'anthropic-beta', 'content-type', 'openai-organization'];

function* differences(sdk, ours, place) {
    if (sdk && ours && typeof sdk === 'object' && typeof ours === 'object' && Array.isArray(sdk) === Array.isArray(ours)) {
        for (const key of new Set([...Object.keys(sdk), ...Object.keys(ours)]))
            yield* differences(sdk[key], ours[key], `${place}/${key}`);
    } else if (sdk !== ours) yield { place, sdk: JSON.stringify(sdk), ours: JSON.stringify(ours) };
}

let passed = 0, failed = 0;
const needed = new Set();
for (const [vendor, calls] of Object.entries(matrix))
    for (const [call, ask] of Object.entries(calls)) {
        if (call === 'base') continue;
        const name = `${vendor}/${call}`, wrong = [];
        let said = '';
        seen = [];
        try { await ask(); } catch (error) { said = String(error); }
        const [sdk] = seen;
        seen = [];
        await new Promise((done) => execFile(program, [vendor, call, calls.base], { timeout: 20000 }, (error, out, told) => { if (error) said += ` ${told}`; done(); }));
        const [ours] = seen;
        if (!sdk || !ours) wrong.push(`${sdk ? 'Tamar' : 'the SDK'} sent nothing: ${said}`);
        else {
            const pick = (r) => ({ method: r.method, path: r.path, headers: Object.fromEntries(headers.filter((h) => r.headers[h]).map((h) => [h, r.headers[h].toLowerCase()])), body: r.body });
            if (vendor === 'google' && sdk.path.startsWith('/v1/') && ours.path.startsWith('/v1beta/')) {  // and nothing else of it
                needed.add(allowed.findIndex(([, place]) => place === '/path'));
                sdk.path = sdk.path.replace('/v1/', '/v1beta/');
            }
            for (const d of differences(pick(sdk), pick(ours), '')) {
                const row = allowed.findIndex(([where, place]) => where.test(name) && place === d.place && place !== '/path');
                if (row >= 0) needed.add(row);
                else wrong.push(`${d.place}: SDK ${d.sdk}, Tamar ${d.ours}`);
            }
        }
        if (wrong.length) failed++, console.log(`FAILED: ${name}\n    ${wrong.join('\n    ')}`);
        else passed++;
    }
for (let row = 0; row < allowed.length; row++)
    if (!needed.has(row)) failed++, console.log(`FAILED: nothing needs the difference ${allowed[row][0]} ${allowed[row][1]}`);
    else console.log(`    allowed: ${allowed[row][0].source} ${allowed[row][1]}: ${allowed[row][2]}`);
server.close();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed ? 1 : 0);
