import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { RepriseError } from '../errors.js';
import { contentHash } from './content-hash.js';
import { type HubClient, type OpenResponse, type RemoteFile, Temporary } from './hub-client.js';

/** A file on its way from the hub into a file here, hashed as it comes. */
export class Transfer {
	/** How many of the first bytes are here. */
	bytes = 0;
	readonly #client: HubClient;
	readonly #url: string;
	readonly #file: RemoteFile;
	readonly #handle: FileHandle;
	readonly #onBytes: (bytes: number) => void;
	#hash: Hash;

	constructor(
		client: HubClient,
		url: string,
		file: RemoteFile,
		handle: FileHandle,
		onBytes: (bytes: number) => void,
	) {
		this.#client = client;
		this.#url = url;
		this.#file = file;
		this.#handle = handle;
		this.#onBytes = onBytes;
		this.#hash = this.#newHash();
	}

	/** Goes on from what the file holds. Gives whether it holds anything. */
	async resume(): Promise<boolean> {
		const { size } = await this.#handle.stat();
		if (size > this.#file.bytes) await this.#restart();
		else if (size > 0)
			for await (const part of this.#handle.createReadStream({ start: 0, end: size - 1, autoClose: false }))
				this.#take(part);
		return this.bytes > 0;
	}

	/** Fetches what is missing, in one request. Throws `Temporary` where it did not come whole. */
	async fetchRest(): Promise<void> {
		const { bytes: size, path } = this.#file;
		if (this.bytes === size) return;
		const range = this.bytes > 0 ? { range: `bytes=${this.bytes}-` } : {};
		const response = await this.#client.open(this.#url, new Headers(range));
		try {
			// A server may know no ranges.
			if (response.status !== 206 && this.bytes > 0) await this.#restart();
			this.#refuseOtherSize(response);
			for await (const part of response.parts) {
				if (this.bytes + part.length > size)
					throw invalid(path, `the hub lists ${size} bytes and sends more`);
				await this.#write(part);
				this.#take(part);
				this.#onBytes(this.bytes);
			}
		} finally {
			response.close();
		}
		if (this.bytes < size) throw new Temporary(`ended ${path} after ${this.bytes} of ${size} bytes`);
	}

	/** Throws `DOWNLOAD_INVALID` where the content is another one than the hub lists. */
	verify(): void {
		const { path, oid } = this.#file;
		const found = this.#hash.digest('hex');
		if (found !== oid) throw invalid(path, `its checksum is ${found} in place of ${oid}`);
	}

	#refuseOtherSize({ status, headers }: OpenResponse): void {
		const { bytes: size, path } = this.#file;
		const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
		if (status === 206 && Number(start) !== this.bytes)
			throw invalid(path, `the hub sends another part than was asked for, from byte ${start}`);
		const length = headers.get('content-length');
		const sent = status === 206 ? (total === '*' ? undefined : total) : (length ?? undefined);
		if (sent !== undefined && Number(sent) !== size)
			throw invalid(path, `the hub lists ${size} bytes and sends ${sent}`);
	}

	async #write(part: Uint8Array): Promise<void> {
		for (let done = 0; done < part.length; ) {
			const { bytesWritten } = await this.#handle.write(part, done, part.length - done, this.bytes + done);
			done += bytesWritten;
		}
	}

	#take(part: Uint8Array): void {
		this.#hash.update(part);
		this.bytes += part.length;
	}

	async #restart(): Promise<void> {
		await this.#handle.truncate(0);
		this.#hash = this.#newHash();
		this.bytes = 0;
	}

	#newHash(): Hash {
		const { oid, bytes } = this.#file;
		return contentHash(oid, bytes);
	}
}

const invalid = (path: string, what: string) =>
	new RepriseError('DOWNLOAD_INVALID', `The download of ${path} cannot be used: ${what}`);
