/** Bytes of memory that this process uses; 0 where the system does not tell, as in a container without `/proc`. */
export const residentBytes = (): number => {
  try {
    return process.memoryUsage.rss()
  } catch {
    return 0
  }
}
