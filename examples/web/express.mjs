// POST /reply { "question": "…" } streams the answer as text: node express.mjs model.gguf 3000
import express from 'express';
import { loadModel } from 'reprise';

const [path = 'model.gguf', port = '3000'] = process.argv.slice(2);
const model = await loadModel(path);
/** Forks of it share the cache of the system message, and the passes of answers at the same time. */
const root = await model.createSession();
const chat = root.chat({ system: 'You answer briefly.' });
await chat.prefill(chat.messages);

const app = express();
app.use(express.json({ limit: '100kb' }));
app.post('/reply', async (request, response) => {
	const gone = new AbortController();
	response.on('close', () => gone.abort());
	const fork = await chat.fork();
	try {
		const reply = fork.send(String(request.body?.question ?? ''), { maxTokens: 500, signal: gone.signal });
		for await (const { text } of reply) response.write(text);
		response.end();
	} finally {
		await fork.session.dispose();
	}
});
app.use((error, _request, response, next) => {
	if (response.headersSent) return next(error);
	const isTheirs = ['CONTEXT_OVERFLOW', 'TEXT_INVALID'].includes(error.code);
	response.status(isTheirs ? 400 : (error.status ?? 500)).json({ error: error.message });
});

const server = app.listen(Number(port), '127.0.0.1', () => {
	console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.once('SIGTERM', () => {
	server.close(async () => {
		await root.dispose();
		await model.dispose();
	});
});
