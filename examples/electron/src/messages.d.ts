/** What the app asks of the process that holds the model. */
export type Request = { type: 'load'; path: string } | { type: 'send'; text: string } | { type: 'abort' };

/** A stretch of a reply, and whether a draft held it. */
export interface Segment {
	text: string;
	drafted: boolean;
}

/** What the window is told: by the model's process, and at its end by the app. */
export type ModelEvent =
	| { type: 'loading'; name: string; fraction: number }
	| { type: 'loaded'; name: string; description: string }
	| { type: 'chunk'; segments: Segment[]; tokensPerSecond: number }
	| {
			type: 'done';
			tokens: number;
			tokensPerSecond: number;
			tokensPerPass: number;
			drafted: number;
			accepted: number;
	  }
	| { type: 'failed'; message: string }
	| { type: 'ended'; code: number; restarts: boolean };

/** What the preload script gives to the page. */
export interface Bridge {
	chooseModel(): Promise<void>;
	send(text: string): void;
	abort(): void;
	onEvent(listener: (event: ModelEvent) => void): void;
}

declare global {
	interface Window {
		reprise: Bridge;
	}
}
