interface Listened {
  on(event: 'error', listener: () => void): void;
}

interface Pool {
  connect(): Promise<unknown>;
}

/**
 * A client of the pool that somebody listens to from the moment it is ours. A promise would say so a moment too late: what
 * came from the server in one piece is read in one piece, and an error right behind a connection's first answer, of a server
 * that shuts down, would end the process.
 */
export function acquireClient<C extends Listened>(pool: Pool, ignore: () => void): Promise<C> {
  return new Promise((resolve, reject) => {
    let taken = false;
    function take(client: C): void {
      if (taken) return;
      taken = true;
      client.on('error', ignore);
      resolve(client);
    }
    const connect = pool.connect as (done: (error: unknown, client?: C) => void) => Promise<C> | undefined;
    const promised = connect.call(pool, (error, client) => {
      if (error || client === undefined) reject(error);
      else take(client);
    });
    // what stands in for a pool may know promises only
    promised?.then(take, reject);
  });
}
