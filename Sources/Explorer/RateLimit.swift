//  How many requests a second are answered.

internal import Synchronization

/// A bucket of tokens: each request takes one, and so many come back a second.
final class RateLimit: Sendable {
  private struct Bucket {
    var tokens: Double
    var filled: ContinuousClock.Instant
  }

  private let capacity: Double
  private let perSecond: Double
  private let bucket: Mutex<Bucket>

  init(capacity: Double, perSecond: Double, now: ContinuousClock.Instant = .now) {
    (self.capacity, self.perSecond) = (capacity, perSecond)
    bucket = Mutex(Bucket(tokens: capacity, filled: now))
  }

  /// Whether there is one more.
  func take(now: ContinuousClock.Instant = .now) -> Bool {
    bucket.withLock { bucket in
      let elapsed = bucket.filled.duration(to: now) / .seconds(1)
      bucket.tokens = min(capacity, bucket.tokens + max(0, elapsed) * perSecond)
      bucket.filled = now
      guard bucket.tokens >= 1 else { return false }
      bucket.tokens -= 1
      return true
    }
  }
}
