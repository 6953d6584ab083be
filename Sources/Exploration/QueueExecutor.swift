//  A thread's worth of work for one actor, away from the threads that all tasks share: what computes for long must not
//  keep the server from answering.

internal import Dispatch

/// Runs an actor's jobs one after another on a dispatch queue of its own.
public final class QueueExecutor: SerialExecutor {
  private let queue: DispatchQueue

  public init(_ label: String) {
    queue = DispatchQueue(label: label, qos: .userInitiated)
  }

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
