// As app/api/chat/route.js in Next.js, for useChat() on the page. The model is loaded with the first request.
import { convertToModelMessages, streamText } from 'ai';
import { createReprise } from 'reprise/ai-sdk';

const reprise = createReprise({ session: { contextLength: 4096 } });

export async function POST(request) {
	const { messages } = await request.json();
	const result = streamText({
		model: reprise(process.env.MODEL ?? 'model.gguf'),
		messages: await convertToModelMessages(messages),
		maxOutputTokens: 500,
		abortSignal: request.signal,
	});
	return result.toUIMessageStreamResponse();
}
