//  The command `isda`: its verbs, and how errors leave it.

import ArgumentParser
import Explorer
import Foundation
import Images
import Results
import Storage
import Studies
import Torch
import Training

@main
struct Isda: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "isda",
    abstract: "Train image classifiers with implicit semantic data augmentation, and see what their features mean.",
    discussion: """
      The shortest way to pictures:
        isda demo

      Step by step:
        isda train --dataset portraits --network resnet8 --loss isda --epochs 30 \\
          --out runs/isda-s0
        isda analyze runs/isda-s0
        isda figures runs/isda-s0 --out pictures
        isda explore runs/isda-s0
        isda compare runs
      """,
    version: RunEnvironment.toolVersion,
    subcommands: [
      DemoCommand.self, DataCommand.self, TrainCommand.self, EvaluateCommand.self, AnalyzeCommand.self,
      FiguresCommand.self, DirectionsCommand.self, ExploreCommand.self, RecipesCommand.self, StudyCommand.self,
      CompareCommand.self,
    ])

  static func main() {
    // A file that grows beyond the user's limit is an error to report, not a reason to die.
    signal(SIGXFSZ, SIG_IGN)
    Library.keepFreedMemory()
    do {
      var command = try parseAsRoot()
      if command is any ComputesOnAllCores { SpinLimit.apply() }
      try command.run()
    } catch {
      leave(with: error)
    }
  }

  /// Prints one line on standard error and exits: 64 for usage, 65 for bad data, 66 for a missing file, 69 for a
  /// download that fails, 73 for a file that cannot be written, 75 for a folder or port in use, 130 after Ctrl-C, 143
  /// after SIGTERM, 1 for a training that diverged. A study leaves as the run that it could not go on without.
  private static func leave(with error: any Error) -> Never {
    let code: Int32
    switch error {
    case FileError.missing: code = EX_NOINPUT
    case FileError.malformed: code = EX_DATAERR
    case FileError.unwritable: code = EX_CANTCREAT
    case FileError.busy: code = EX_TEMPFAIL
    case ExplorerServer.StartError.portInUse: code = EX_TEMPFAIL
    case ExplorerServer.StartError.notBound: code = EX_USAGE
    case is DownloadError: code = EX_UNAVAILABLE
    case TrainingError.interrupted, StudyError.stopped, is Interrupted: code = StopSignal.exitCode
    case StudyError.cannotGoOn(_, _, let worker): code = worker
    case is TrainingError, is StudyError: code = EXIT_FAILURE
    default:
      // Help and version are printed as they are; of a usage error only its first line.
      guard exitCode(for: error) != .success else { Self.exit(withError: error) }
      code = exitCode(for: error).rawValue
    }
    Console.standardError("isda: \(message(for: error).split(separator: "\n").joined(separator: " "))")
    Foundation.exit(code)
  }
}

/// As in sysexits.h, which Foundation on Linux leaves out. Usage errors leave with ArgumentParser's own 64.
private let (EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_UNAVAILABLE): (Int32, Int32, Int32, Int32) = (64, 65, 66, 69)
private let (EX_CANTCREAT, EX_TEMPFAIL): (Int32, Int32) = (73, 75)

/// Ctrl-C or SIGTERM outside of training.
struct Interrupted: Error, CustomStringConvertible {
  var description: String { "stopped" }
}
