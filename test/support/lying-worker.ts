import { createServer, type Server } from 'node:net';

/** What a worker answers; each is right unless it is given. */
export interface Lies {
	devices?: number;
	alignment?: bigint;
	maxBufferSize?: bigint;
	freeBytes?: bigint;
	totalBytes?: bigint;
	/** The size of every buffer; asked for one. */
	bufferSize?: bigint;
	/** The address of every buffer. */
	address?: bigint;
	/** The bytes that a tensor takes. */
	tensorSize?: bigint;
}

// Commands of llama.cpp's RPC protocol, version 7 (enum rpc_cmd of ggml-rpc.cpp).
const command = {
	allocate: 0,
	alignment: 1,
	maxBufferSize: 2,
	address: 3,
	setTensorByHash: 7,
	getTensor: 8,
	copyTensor: 9,
	memory: 11,
	tensorSize: 13,
	hello: 14,
	devices: 15,
};

const u64 = (...values: bigint[]) => Buffer.from(new BigUint64Array(values).buffer);
const gibibyte = 2n ** 30n;

/** A peer that speaks the protocol of workers, computes nothing, and says what is not so. */
export class LyingWorker {
	private constructor(
		private readonly server: Server,
		readonly endpoint: string,
	) {}

	static start(lies: Lies): Promise<LyingWorker> {
		let end = 2n ** 30n;
		const answer = (kind: number, request: Buffer): Buffer | null => {
			switch (kind) {
				case command.hello:
					return Buffer.concat([Buffer.from([7, 0, 0, 0]), Buffer.alloc(24)]);
				case command.devices:
					return Buffer.from(new Uint32Array([lies.devices ?? 1]).buffer);
				case command.alignment:
					return u64(lies.alignment ?? 64n);
				case command.maxBufferSize:
					return u64(lies.maxBufferSize ?? 2n ** 40n);
				case command.memory:
					return u64(lies.freeBytes ?? 8n * gibibyte, lies.totalBytes ?? 16n * gibibyte);
				case command.allocate: {
					const size = request.readBigUInt64LE(4);
					const start = end;
					end += (size / 4096n + 1n) * 4096n;
					return u64(start, lies.bufferSize ?? size);
				}
				case command.address:
					return lies.address === undefined ? request : u64(lies.address);
				case command.tensorSize:
					return u64(lies.tensorSize ?? 2n ** 24n);
				case command.setTensorByHash:
				case command.copyTensor:
					return Buffer.from([1]);
				case command.getTensor:
					return Buffer.alloc(Number(request.readBigUInt64LE(request.length - 8)));
				default:
					return null;
			}
		};
		const server = createServer((socket) => {
			let unread = Buffer.alloc(0);
			socket.on('error', () => {});
			socket.on('data', (data) => {
				unread = Buffer.concat([unread, data]);
				while (unread.length >= 9) {
					const size = Number(unread.readBigUInt64LE(1));
					if (unread.length < 9 + size) return;
					const body = answer(unread[0] ?? 0, unread.subarray(9, 9 + size));
					if (body) socket.write(Buffer.concat([u64(BigInt(body.length)), body]));
					unread = unread.subarray(9 + size);
				}
			});
		});
		return new Promise((resolve) => {
			server.listen(0, '127.0.0.1', () => {
				const { port } = server.address() as { port: number };
				resolve(new LyingWorker(server, `127.0.0.1:${port}`));
			});
		});
	}

	/** Its connections go with those who have them. */
	stop(): void {
		this.server.close();
	}
}
