/** A value now, or a promise of it: backends and authenticators may be synchronous or asynchronous. */
export type MaybePromise<T> = T | PromiseLike<T>;
