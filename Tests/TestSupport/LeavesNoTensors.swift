//  A suite trait: the suite ends with as many live tensors as it began with.

public import Testing
internal import Torch

/// The count of live tensors is one number for the process, so suites that watch it run one after another; the
/// tests inside such a suite still run side by side.
public struct LeavesNoTensors: SuiteTrait, TestScoping {
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    await Turn.shared.take()
    let before = Library.liveTensorCount
    do {
      try await function()
    } catch {
      await Turn.shared.pass()
      throw error
    }
    // What an actor with a thread of its own held is let go there, a moment later.
    for _ in 0..<100 where Library.liveTensorCount != before { try? await Task.sleep(for: .milliseconds(10)) }
    #expect(Library.liveTensorCount == before, "tensors leaked by \(test.displayName ?? test.name)")
    await Turn.shared.pass()
  }
}

extension Trait where Self == LeavesNoTensors {
  /// The suite ends with the live tensor count where it began.
  public static var leavesNoTensors: LeavesNoTensors { LeavesNoTensors() }
}

/// One suite at a time.
private actor Turn {
  static let shared = Turn()
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func take() async {
    guard isTaken else {
      isTaken = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func pass() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
