//  What is asynchronous, asked from a command that is not.

import Dispatch
import Synchronization

/// Runs `body` elsewhere and waits for it.
func blocking<Value: Sendable>(_ body: @Sendable @escaping () async throws -> Value) throws -> Value {
  let outcome = Outcome<Value>()
  Task {
    do {
      outcome.end(with: .success(try await body()))
    } catch {
      outcome.end(with: .failure(error))
    }
  }
  return try outcome.wait().get()
}

private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let done = DispatchSemaphore(value: 0)

  func end(with result: Result<Value, any Error>) {
    self.result.withLock { $0 = result }
    done.signal()
  }

  func wait() -> Result<Value, any Error> {
    done.wait()
    guard let result = result.withLock({ $0 }) else { preconditionFailure("a task that ended without a result") }
    return result
  }
}
