// One call through a vendor's SDK, with its default settings but for base URL and key, told in one line:
//   node client.mjs DIRECTORY_WITH_NODE_MODULES CLIENT CALL BASE_URL SECONDS WANT
// CLIENT is openai, openai.stream, anthropic, anthropic.stream (the SDK's own helper of that name) or genai; CALL is
// stream, whole, tool (streamed), twice (two calls), big (whole, with a prompt of 8 MB), or stream3 and whole3: with the SDK's timeout set to 3 s.
// The line:  end=ok|error|waiting ms=N text=whole|part|none|wrong kind=CLASS note=...
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const [directory, client, call, base, seconds, want] = process.argv.slice(2);
const require = createRequire(resolve(directory, 'package.json'));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
console.warn = () => {};

let text = '', began = 0;
const wanted = want[0] === '#' ? Number(want.slice(1)) : want;
const judged = () => !text ? 'none' : typeof wanted === 'number' ? (text.length === wanted ? 'whole' : text.length < wanted ? 'part' : 'wrong')
    : text === wanted ? 'whole' : wanted.startsWith(text) ? 'part' : 'wrong';
const tell = (end, kind, note) => {
    const line = `end=${end} ms=${Math.round(performance.now() - began)} text=${judged()} kind=${kind || '-'} note=${String(note || '').replace(/\s+/g, ' ').slice(0, 160)}\n`;
    process.stdout.write(line, () => process.exit(0));
};

const prompt = call === 'big' ? 'x'.repeat(8000000) : 'Name one river.', apiKey = 'key-of-the-test';
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tool = call === 'tool', timed = call.endsWith('3'), streamed = !call.startsWith('whole') && call !== 'big';
const settings = timed ? { timeout: 3000 } : {};

async function openai() {
    const OpenAI = (await load('openai')).default;
    const sdk = new OpenAI({ apiKey, baseURL: base, ...settings });
    const body = { model: 'gpt-4o', messages: [{ role: 'user', content: prompt }],
        ...(tool && { tools: [{ type: 'function', function: { name: 'weather', description: 'Tells the weather.', parameters: schema } }] }) };
    return async () => {
        if (client === 'openai.stream') {
            const done = await sdk.chat.completions.stream(body).finalChatCompletion();
            text += done.choices[0].message.content ?? '';
        } else if (streamed) {
            for await (const chunk of await sdk.chat.completions.create({ ...body, stream: true })) text += chunk.choices?.[0]?.delta?.content ?? '';
        } else text += (await sdk.chat.completions.create(body))?.choices?.[0]?.message?.content ?? '';
    };
}

async function anthropic() {
    const Anthropic = (await load('@anthropic-ai/sdk')).default;
    const sdk = new Anthropic({ apiKey, baseURL: base, ...settings });
    const body = { model: 'claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: prompt }],
        ...(tool && { tools: [{ name: 'weather', description: 'Tells the weather.', input_schema: schema }] }) };
    return async () => {
        if (client === 'anthropic.stream') {
            const done = await sdk.messages.stream(body).finalMessage();
            for (const part of done.content) text += part.text ?? '';
        } else if (streamed) {
            for await (const event of await sdk.messages.create({ ...body, stream: true })) text += event.delta?.text ?? '';
        } else for (const part of (await sdk.messages.create(body))?.content ?? []) text += part.text ?? '';
    };
}

async function genai() {
    const { GoogleGenAI } = await load('@google/genai');
    const sdk = new GoogleGenAI({ apiKey, httpOptions: { baseUrl: base, ...settings } });
    const body = { model: 'gemini-2.5-flash', contents: [{ role: 'user', parts: [{ text: prompt }] }],
        ...(tool && { config: { tools: [{ functionDeclarations: [{ name: 'weather', description: 'Tells the weather.', parametersJsonSchema: schema }] }] } }) };
    return async () => {
        if (streamed) for await (const chunk of await sdk.models.generateContentStream(body)) text += chunk.text ?? '';
        else text += (await sdk.models.generateContent(body))?.text ?? '';
    };
}

const once = await (client.startsWith('openai') ? openai() : client.startsWith('anthropic') ? anthropic() : genai());
began = performance.now();
setTimeout(() => tell('waiting'), Number(seconds) * 1000);
const failed = (error) => tell('error', [error?.constructor?.name ?? typeof error, error?.status].filter(Boolean).join(' '), error?.message);
process.on('unhandledRejection', failed);
process.on('uncaughtException', failed);
try {
    await once();
    if (call === 'twice') text = '', await once();
    tell('ok');
} catch (error) { failed(error); }
