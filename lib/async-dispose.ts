/**
 * The name of the method that `await using` calls. Node 20 and 22 have it in their own realm alone: in others
 * (Jest, `node:vm`) compilers take the registered symbol.
 */
export const asyncDispose: typeof Symbol.asyncDispose =
	Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
