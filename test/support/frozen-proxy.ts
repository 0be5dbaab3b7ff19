import { connect, createServer, type Server, type Socket } from 'node:net';

/** Passes on what two peers send, until it holds everything back for good. */
export interface FrozenProxy {
	/** Where it listens. */
	readonly endpoint: string;
	/** Resolves when it begins to hold back. */
	readonly frozen: Promise<void>;
	close(): void;
}

/** A proxy of a worker that passes on so many bytes of its clients. */
export async function freezeAfter(bytes: number, endpoint: string): Promise<FrozenProxy> {
	const [host = '', port = ''] = endpoint.split(':');
	const sockets: Socket[] = [];
	let left = bytes;
	let freeze: () => void = () => {};
	const frozen = new Promise<void>((resolve) => {
		freeze = resolve;
	});
	const server: Server = createServer((client) => {
		const worker = connect(Number(port), host);
		sockets.push(client, worker);
		for (const socket of [client, worker]) socket.on('error', () => {}).setNoDelay(true);
		worker.on('data', (data) => left > 0 && client.write(data));
		client.on('data', (data) => {
			if (left > 0) worker.write(data);
			left -= data.length;
			if (left <= 0) freeze();
		});
		client.on('close', () => worker.destroy());
		worker.on('close', () => client.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const close = () => {
		for (const socket of sockets) socket.destroy();
		server.close();
	};
	return { endpoint: `127.0.0.1:${(server.address() as { port: number }).port}`, frozen, close };
}
