//  `isda study`: arms over seeds, from a recipe to finished runs.

import ArgumentParser
import Foundation
import Networks
import Results
import Storage
import Studies

struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Train every arm of a recipe with every seed; say before what that takes and what it can show.",
    discussion: """
      Examples:
        isda study plan docs/studies/portraits/recipe.yaml
        isda study docs/studies/portraits/recipe.yaml --out runs/portraits
        isda compare runs/portraits --out runs/portraits/report
        isda study export runs/portraits --out docs/studies/portraits
      """,
    subcommands: [StudyRunCommand.self, StudyPlanCommand.self, StudyExportCommand.self],
    defaultSubcommand: StudyRunCommand.self)
}

struct RecipeOptions: ParsableArguments {
  @Argument(help: "The recipe, a YAML file.", completion: .file(extensions: ["yaml", "yml"]))
  var recipe: String

  @Option(help: "Folder of the data set's files, if the recipe names none or they have moved.", completion: .directory)
  var data: String?

  @Option(help: "Runs side by side; as many as cores and memory allow if not given.")
  var jobs: Int?

  func validate() throws {
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs is \(jobs); expected 1 to 1024") }
  }

  var url: URL { URL(fileURLWithPath: recipe) }

  func read() throws -> Recipe {
    let read = try Recipe(contentsOf: url, networks: Architecture.allCases.map(\.name))
    if let choice = read.study.arms.first?.configuration.images, choice.data == nil, data == nil,
      let files = DatasetName(rawValue: choice.name)?.files
    {
      throw ValidationError("\(choice.name) needs --data DIR, \(files)")
    }
    return read
  }

  /// From `--data`, as runs keep it.
  var dataPath: String? { data.map { URL(fileURLWithPath: $0).standardizedFileURL.path } }

  /// Runs side by side: those that were asked for, or one for as many cores as it has threads and 1.5 GB of free memory.
  func jobs(for study: Study) -> Int {
    if let jobs { return jobs }
    let threads = study.arms.map { $0.configuration.threads ?? 1 }.max() ?? 1
    let fit = min(ProcessInfo.processInfo.activeProcessorCount / threads, Self.availableMemory / 1_500_000_000)
    return min(max(1, fit), study.runs.count)
  }

  /// In bytes; without limit where the system does not say.
  private static var availableMemory: Int {
    let lines = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8))?.split(separator: "\n") ?? []
    let words = lines.first { $0.hasPrefix("MemAvailable:") }?.split(separator: " ") ?? []
    return words.count > 1 ? Int(words[1]).map { $0 * 1024 } ?? .max : .max
  }
}

struct StudyRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Make all runs of a recipe, or those that are missing.",
    discussion: """
      Example:
        isda study docs/studies/portraits/recipe.yaml --out runs/portraits

      The first time recipe and analysis are frozen in DIR/study.json; another recipe is refused from then on. Runs \
      are ordinary run folders in DIR/runs, trained in processes of their own with one thread each unless the recipe \
      says threads, all arms of a seed before the next seed. Ctrl-C ends them after their current step (130); whatever \
      ended a study, the same command goes on and repeats nothing that is finished. A run that diverges is named and \
      left out (1 in the end), anything else that goes wrong stops the study.
      """)

  @OptionGroup var recipe: RecipeOptions

  @Option(help: "The folder of the study.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @OptionGroup var output: OutputOptions

  private struct Result: Encodable {
    struct Run: Encodable {
      let run: String
      let error: Double
    }
    let study: String
    let runs: [Run]
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let recipe = try recipe.read()
    let folder = StudyFolder(URL(fileURLWithPath: out, isDirectory: true))
    try WholeFile.makeFolder(folder.url)
    try folder.freeze(recipe, from: self.recipe.url)
    let study = recipe.study
    let jobs = self.recipe.jobs(for: study)
    console.say(
      "\(study.name): \(counted(study.arms.count, "arm")) × \(counted(study.seeds.count, "seed")), \(jobs) at a time")
    let runner = StudyRunner(
      folder, study: study, jobs: jobs, data: self.recipe.dataPath, trainer: try Self.program()
    ) { configuration, folder, resumes in
      TrainCommand.arguments(configuration, folder: folder, resumes: resumes)
        + ["--quiet", "--parent", "\(ProcessInfo.processInfo.processIdentifier)"]
    }
    try runner.run(shouldStop: { StopSignal.isRequested }) { event in
      switch event {
      case .progress(let state):
        let left = state.secondsLeft.map { "\(readable(seconds: $0)) left" } ?? "…"
        console.progress(
          Double(state.epochsDone) / Double(state.epochs),
          "\(state.runsDone) of \(state.runs) runs  epoch \(state.epochsDone) of \(state.epochs)  \(left)  "
            + state.running.joined(separator: ", "))
      case .finished(let run, let error): console.say("\(run): test error \(fixed(error, 2)) %")
      case .failed(let run, let message): console.warn("\(run) failed: \(message)")
      case .notice(let text): console.warn(text)
      }
    }
    console.closeLine()
    switch output.format {
    case .text: print("\(out): \(counted(study.runs.count, "run")) finished; `isda compare \(out)` says what they show")
    case .json:
      let runs = try study.runs.map {
        Result.Run(run: $0.name, error: try folder.folder(of: $0).metrics().last?.testError ?? .nan)
      }
      print(JSONFile.encode(Result(study: out, runs: runs)))
    }
  }

  /// This program, to start it again.
  private static func program() throws -> URL {
    guard let url = Bundle.main.executableURL else {
      throw FileError.missing(path: CommandLine.arguments[0], expected: "this program")
    }
    return url
  }
}

/// `1 run`, `2 runs`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
