import type { EventEmitter } from 'node:events';

/** What is used of the packages that electron-builder brings along. */
export declare const rebuild: {
	rebuild(options: object): Promise<void> & { lifecycle: EventEmitter<{ 'modules-found': [string[]] }> };
};
export declare const asar: {
	createPackage(from: string, to: string): Promise<void>;
	extractAll(archive: string, to: string): void;
	listPackage(archive: string, options: { isPack: boolean }): string[];
	statFile(archive: string, path: string): object;
};
export declare const fuses: { getCurrentFuseWire(binary: string): Promise<Record<number, number>> };
