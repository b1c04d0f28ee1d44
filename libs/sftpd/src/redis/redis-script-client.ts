/** What is needed of a Redis client: that it runs a script. ioredis does. */
export interface RedisScriptClient {
  /**
   * Runs a Lua script (`EVAL`).
   *
   * @param keyCount how many of `args`, from the first, are keys
   */
  eval(script: string, keyCount: number, ...args: (string | number)[]): Promise<unknown>;
}
