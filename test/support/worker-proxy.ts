import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a worker and its clients. */
export interface WorkerProxy {
	/** Where it listens. */
	readonly endpoint: string;
	close(): void;
}

/** What a proxy does with the data of one client: each function says whether it is passed on. */
export interface Relay {
	fromClient(data: Buffer): boolean;
	fromWorker(): boolean;
}

/** A proxy of the worker at `endpoint`. `relay` is called for each client. */
export async function proxyOf(endpoint: string, relay: () => Relay): Promise<WorkerProxy> {
	const [host = '', port = ''] = endpoint.split(':');
	const sockets: Socket[] = [];
	const server: Server = createServer((client) => {
		const worker = connect(Number(port), host);
		sockets.push(client, worker);
		for (const socket of [client, worker]) socket.on('error', () => {}).setNoDelay(true);
		const { fromClient, fromWorker } = relay();
		worker.on('data', (data) => fromWorker() && client.write(data));
		client.on('data', (data) => fromClient(data) && worker.write(data));
		client.on('close', () => worker.destroy());
		worker.on('close', () => client.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const close = () => {
		for (const socket of sockets) socket.destroy();
		server.close();
	};
	return { endpoint: `127.0.0.1:${(server.address() as { port: number }).port}`, close };
}
