//  `isda directions`: the directions of a run as a list that people can read, name, extend, take along and walk.

import Analysis
import ArgumentParser
import Explorer
import Figures
import Foundation
import Images
import Results
import Storage

struct DirectionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "directions",
    abstract: "List, walk, name and exchange the directions of an analysed run, and test them blind.",
    discussion: """
      Examples:
        isda directions list runs/isda-s0 --class cat
        isda directions show runs/isda-s0 cat.principal.1 --query local \\
          --out pictures
        isda directions name runs/isda-s0 cat.principal.1 "sunglasses" \\
          --range -2,2.5

      `isda analyze` comes first: it fills the list. Names, notes and ranges that people gave stay when it runs again.
      """,
    subcommands: [
      ListDirections.self, ShowDirections.self, NameDirection.self, AddDirection.self, ExportDirections.self,
      ImportDirections.self, BlindCommand.self, ScoreCommand.self,
    ])
}

/// The run whose directions are meant.
struct RunArgument: ParsableArguments {
  @Argument(help: "The run folder.", completion: .directory)
  var run: String

  var folder: RunFolder { RunFolder(URL(fileURLWithPath: run, isDirectory: true)) }
}

/// Numbers with commas between.
struct NumberList: ExpressibleByArgument {
  let values: [Double]

  init(_ values: [Double]) { self.values = values }

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    values = parts.compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }
    guard values.count == parts.count, values.allSatisfy(\.isFinite) else { return nil }
  }

  var defaultValueDescription: String {
    values.map { $0 == $0.rounded() ? "\(Int($0))" : "\($0)" }.joined(separator: ",")
  }
}

// MARK: - list

struct ListDirections: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Print the directions of a run.",
    discussion: """
      Example:
        isda directions list runs/isda-s0 --class cat --kind principal

      σ is the standard deviation of the test features along a direction, the range reaches from their 1st to their \
      99th percentile, in σ.
      """)

  @OptionGroup var source: RunArgument

  @Option(name: .customLong("class"), help: "Only directions of this class.")
  var ofClass: String?

  @Option(help: "Only directions of this kind.")
  var kind: DirectionEntry.Kind?

  @OptionGroup var output: OutputOptions

  func run() throws {
    let classNames = try source.folder.directionsReport().classNames
    if let ofClass, !classNames.contains(ofClass) {
      throw ValidationError("--class is \"\(ofClass)\"; expected \(classNames.joined(separator: ", "))")
    }
    let entries = try source.folder.catalogue().entries.filter { entry in
      (kind == nil || entry.kind == kind)
        && (ofClass == nil || entry.classIndex.map { classNames[$0] } == ofClass)
    }
    switch output.format {
    case .json: print(JSONFile.encode(entries))
    case .text:
      print(
        columns(
          [["id", "σ", "from", "to", "what it is"]]
            + entries.map { entry in
              let note = entry.note.map { $0.split(whereSeparator: \.isNewline).joined(separator: " / ") }
              let title = [entry.name.map { "“\($0)”" }, entry.title, note].compactMap { $0 }
              return [
                entry.id, fixed(entry.sigma, 3), fixed(entry.lower, 1), fixed(entry.upper, 1),
                title.joined(separator: "; "),
              ]
            }))
    }
  }
}

// MARK: - show

struct ShowDirections: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Draw a walk along one or more directions.",
    discussion: """
      Examples:
        isda directions show runs/isda-s0 cat.principal.1 cat.varimax.1 \\
          --out pictures
        isda directions show runs/ce-s0 within.1 --beside runs/isda-s0 --anchor 17 \\
          --query local --out pictures
        isda directions show runs/ce-s0 cat.principal.1 --beside runs/isda-s0 \\
          --partner -cat.principal.2 --out pictures
        isda directions show runs/isda-s0 cat.principal.1 --moved within.1=1.5 \\
          --out pictures

      Writes PNG, SVG, PDF and CSV. Below the directions stand a random one of the same length and random images.
      """)

  @OptionGroup var source: RunArgument

  @Argument(help: "Directions, as `isda directions list` names them.")
  var ids: [String]

  @Option(help: "The folder to draw into.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @Option(help: "The test image to start from; the recognised one nearest to the mean of its class if not given.")
  var anchor: Int?

  @Option(parsing: .unconditional, help: "Where to look, in σ, with commas between; 0 is the anchor.")
  var steps = NumberList([-3, -2, -1, 0, 1, 2, 3])

  @Option(help: "How an image is found: axis (by its projection, off-axis distance costs) or local (nearest).")
  var query = WalkQuery.axis

  @Option(
    parsing: .unconditionalSingleValue,
    help: "DIRECTION=STEPS: moves the anchor so many σ along another direction first. May be given several times.")
  var moved: [MovedDirection] = []

  @Flag(help: "Directions as columns.")
  var transposed = false

  @Option(help: "Another run on the same images, shown beside this one from the same anchor.", completion: .directory)
  var beside: String?

  @Option(
    parsing: .unconditionalSingleValue,
    help: """
      What takes a direction's place in the run beside: its partner there, as the figure matched-directions has it, with \
      a minus before one that points the other way. Once for each direction, then for each --moved (empty for none); \
      the same names if not given.
      """)
  var partner: [String] = []

  @OptionGroup var images: MovedDataOption

  @Option(help: "Resolution of the PNG file.")
  var dpi = 192.0

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (48...1200).contains(dpi) else { throw ValidationError("--dpi is \(dpi); expected 48 to 1200") }
    guard !ids.isEmpty else { throw ValidationError("name at least one direction") }
    if !partner.isEmpty {
      guard beside != nil else { throw ValidationError("--partner without --beside; expected both") }
      guard partner.count == ids.count + moved.count, !partner.prefix(ids.count).contains("") else {
        throw ValidationError(
          "--partner is given \(partner.count) times; expected \(ids.count + moved.count), for each direction and each "
            + "--moved, empty only for the latter")
      }
    }
    guard (1...25).contains(steps.values.count), Set(steps.values).count == steps.values.count else {
      throw ValidationError("--steps has \(steps.values.count) numbers; expected 1 to 25, each once")
    }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    let folders = [source.folder] + (beside.map { [RunFolder(URL(fileURLWithPath: $0, isDirectory: true))] } ?? [])
    let drawn = try folders.map { try DrawnRun($0) }
    try requireSameImages(drawn)
    let dataset = try loadDataset(of: source.folder, data: images.data, console)
    var picture = WalkPicture(ids: ids, query: query, steps: steps.values.sorted())
    (picture.anchor, picture.moved, picture.transposed, picture.beside) = (anchor, moved, transposed, beside)
    picture.partners = partner.map { OrientedDirection($0) }
    var walks: [WalkPicture.Panel] = []
    for (index, one) in drawn.enumerated() {
      console.progress(0, "walking through \(one.folder.name)")
      let walk: Walk
      do {
        walk = try picture.walk(
          through: AnalysedRun(one.folder), catalogue: one.folder.catalogue(), isSecond: index > 0)
      } catch let error as WalkError {
        throw ValidationError(error.description)
      }
      picture.anchor = walk.anchor.row
      walks.append((walk, one.title))
    }
    let figure = picture.figure(walks, classNames: drawn[0].report.classNames) { reference in
      (reference.split == .train ? dataset.train : dataset.test).image(reference.row)
    }
    let files = try figure.write(
      to: URL(fileURLWithPath: out, isDirectory: true), form: FigureForm(dotsPerInch: dpi),
      provenance: Provenance(
        software: "isda \(RunEnvironment.toolVersion)",
        command: picture.command(run: folders[0].url.relativePath, out: out),
        data: drawn.map { "\($0.folder.name) sha256 \($0.digest)" }.joined(separator: ", ")))
    console.closeLine()
    switch output.format {
    case .text: for file in files { print(file.relativePath) }
    case .json: print(JSONFile.encode(files.map(\.relativePath)))
    }
  }
}

// MARK: - name

struct NameDirection: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "name", abstract: "Give a direction a name, a note or a narrower range.",
    discussion: """
      Examples:
        isda directions name runs/isda-s0 cat.principal.1 "sunglasses" \\
          --note "clear up to +2σ" --range -2,2.5
        isda directions name runs/isda-s0 cat.principal.1 ""

      An empty name or note takes the old one away.
      """)

  @OptionGroup var source: RunArgument

  @Argument(help: "The direction.")
  var id: String

  @Argument(help: "What to call it.")
  var name: String?

  @Option(help: "A remark.")
  var note: String?

  @Option(parsing: .unconditional, help: "The useful range in σ: two numbers with a comma between.")
  var range: NumberList?

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard name != nil || note != nil || range != nil else { throw ValidationError("give a name, --note or --range") }
    if let fault = DirectionEntry.fault(name: name, note: note) { throw ValidationError(fault) }
    if let range, range.values.count != 2 || range.values[0] > range.values[1] {
      throw ValidationError("--range is \(range.defaultValueDescription); expected two numbers, the smaller first")
    }
  }

  func run() throws {
    var entry: DirectionEntry?
    try source.folder.changeCatalogue { catalogue in
      _ = try catalogue.direction(OrientedDirection(id: id), of: source.run)
      _ = catalogue.change(id) { entry in
        if let name { entry.name = name.isEmpty ? nil : name }
        if let note { entry.note = note.isEmpty ? nil : note }
        if let range { (entry.lower, entry.upper) = (range.values[0], range.values[1]) }
      }
      entry = catalogue.entry(id)
    }
    guard let entry else { return }
    switch output.format {
    case .json: print(JSONFile.encode(entry))
    case .text:
      print(
        "\(id): \(entry.label), \(fixed(entry.lower, 1)) to \(fixed(entry.upper, 1)) σ\(entry.note.map { "; \($0)" } ?? "")"
      )
    }
  }
}

// MARK: - add

struct AddDirection: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Add the direction of a known factor: near one image, or without another factor.",
    discussion: """
      Examples:
        isda directions add runs/isda-s0 --factor sunglasses --without hat
        isda directions add runs/isda-s0 --factor sunglasses --near 17 \\
          --neighbours 100

      The direction is the mean of the training features with the factor less the mean of those without; of a factor \
      with many values the upper and the lower third. With --near only the nearest with and without to that test image \
      count (Deep Feature Interpolation).
      """)

  @OptionGroup var source: RunArgument

  @Option(help: "A factor that the data set knows.")
  var factor: String

  @Option(help: "A factor whose direction is projected out.")
  var without: String?

  @Option(help: "A test image to stay near to.")
  var near: Int?

  @Option(help: "Images on either side, with --near.")
  var neighbours = 100

  @OptionGroup var images: MovedDataOption

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard neighbours >= 1 else { throw ValidationError("--neighbours is \(neighbours); expected at least 1") }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    let dataset = try loadDataset(of: source.folder, data: images.data, console)
    var request = AnalysedRun.AttributeRequest(factor: factor)
    (request.without, request.anchor, request.neighbours) = (without, near, neighbours)
    let made: (entry: DirectionEntry, vector: [Double])
    do {
      made = try AnalysedRun(source.folder).attribute(request, factors: dataset.train.factors)
    } catch let error as AnalysedRun.NoDirection {
      throw ValidationError(error.description)
    }
    try source.folder.changeCatalogue { $0.add(made.entry, vector: made.vector) }
    console.closeLine()
    switch output.format {
    case .json: print(JSONFile.encode(made.entry))
    case .text: print("\(made.entry.id): \(made.entry.title)")
    }
  }
}

// MARK: - export and import

struct ExportDirections: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write directions as JSON, with their vectors as safetensors beside it.",
    discussion: """
      Example:
        isda directions export runs/isda-s0 cat.principal.1 within.1 \\
          --out directions.json

      Without names all directions are written.
      """)

  @OptionGroup var source: RunArgument

  @Argument(help: "Directions; all if none is named.")
  var ids: [String] = []

  @Option(
    help: "The JSON file; the vectors' file gets its name and a digest.", completion: .file(extensions: ["json"]),
    transform: nonEmptyPath)
  var out: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let all = try source.folder.catalogue()
    var chosen = DirectionCatalogue(dimension: all.dimension)
    for id in ids.isEmpty ? all.entries.map(\.id) : ids {
      let (entry, vector) = try all.direction(OrientedDirection(id: id), of: source.run)
      chosen.add(entry, vector: vector)
    }
    let files = try chosen.write(to: URL(fileURLWithPath: out)).map(\.relativePath)
    switch output.format {
    case .text: for file in files { print(file) }
    case .json: print(JSONFile.encode(files))
    }
  }
}

struct ImportDirections: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Add directions that `isda directions export` wrote, or another program like it.",
    discussion: """
      Example:
        isda directions import runs/isda-s0 directions.json

      Refused, and nothing changed, if a vector has another dimension than the run's features, is not of unit length \
      or holds a number that is not finite. A direction of an id that is there already makes it give way.
      """)

  @OptionGroup var source: RunArgument

  @Argument(help: "The JSON file.", completion: .file(extensions: ["json"]))
  var file: String

  @OptionGroup var output: OutputOptions

  func run() throws {
    let file = URL(fileURLWithPath: file)
    let brought = try DirectionCatalogue(contentsOf: file)
    try source.folder.importDirections(brought, from: file.path)
    let ids = brought.entries.map(\.id)
    switch output.format {
    case .text: for id in ids { print(id) }
    case .json: print(JSONFile.encode(ids))
    }
  }
}
