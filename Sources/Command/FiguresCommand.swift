//  `isda figures run`: the pictures of one run, or of several side by side.

import Analysis
public import ArgumentParser
import Canvas
import Dispatch
public import Figures
import Foundation
import Images
import Raster
import Results
import Storage
import Synchronization

struct FiguresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "figures",
    abstract: "Draw every figure of one or more runs, or what training does to its images.",
    discussion: """
      Examples:
        isda figures runs/ce-s0 runs/isda-s0 --gallery --out pictures
        isda figures augmentation --dataset portraits --out pictures
      """,
    subcommands: [RunFiguresCommand.self, AugmentationFigureCommand.self], defaultSubcommand: RunFiguresCommand.self)
}

/// How figures come out, for the verbs that draw some.
struct FigureFormOptions: ParsableArguments {
  @Option(help: "Figures for a light page or a dark one.")
  var theme = ColorScheme.light

  @Option(help: "Resolution of the PNG files; 192 makes the pixels of 32-pixel images blocks of 3 × 3.")
  var dpi = 192.0

  @Option(
    help: """
      Width in print: single or double (85 or 175 mm, the columns of a paper), or a length such as 120mm or 5in. What \
      does not fit with text of 5 points stays wider; each figure has its own width if not given.
      """)
  var width: FigureForm.Width?

  func validate() throws {
    guard (48...1200).contains(dpi) else { throw ValidationError("--dpi is \(dpi); expected 48 to 1200") }
    if let width, !(30...2000).contains(width.millimetres) {
      throw ValidationError("--width is \(width.millimetres) mm; expected 30 to 2000")
    }
  }

  var form: FigureForm { FigureForm(scheme: theme, dotsPerInch: dpi, width: width) }
}

struct RunFiguresCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Draw every figure of one or more runs as PNG, SVG, PDF and CSV; what `isda figures` does with runs.",
    discussion: """
      Examples:
        isda figures runs/isda-s0 --out pictures
        isda figures runs/ce-s0 runs/isda-s0 --classes cat,dog --gallery \\
          --out pictures
        isda figures runs/isda-s0 --all --out pictures
        isda figures runs/isda-s0 --width single --out paper

      Training curves and feature maps show all runs on one page; spectra, walks, extremes and factor correlations are \
      drawn for each run. Of several runs it is also measured, and kept in measures/ beside the pictures, how alike \
      their features are and which directions of the first one the others have too. `isda analyze` comes first. The \
      same runs give the same files, byte for byte; SOURCE_DATE_EPOCH, if set, is the date in PDF files.
      """)

  @Argument(help: "Run folders that have been analysed.", completion: .directory)
  var runs: [String]

  @Option(help: "The folder to draw into.", completion: .directory, transform: nonEmptyPath)
  var out: String

  @Option(
    help: """
      Classes whose walks and extremes are drawn, with commas between; if not given, those of all classes, or of the \
      first \(mostClassesUnasked) where there are more.
      """)
  var classes: String?

  @Flag(help: "Draw the walks and extremes of every class, however many there are.")
  var all = false

  @OptionGroup var form: FigureFormOptions

  @Flag(help: "Write index.html, a page with all figures, light or dark as the reader's screen is.")
  var gallery = false

  @OptionGroup var images: MovedDataOption

  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard !runs.isEmpty else { throw ValidationError("name at least one run folder") }
    guard !all || classes == nil else { throw ValidationError("give either --classes or --all") }
  }

  func run() throws {
    let console = Console(quiet: output.quiet)
    StopSignal.listen()
    let folders = runs.map { RunFolder(URL(fileURLWithPath: $0, isDirectory: true)) }
    let pictures = try drawFigures(
      folders, classes: classes, all: all, data: images.data, into: URL(fileURLWithPath: out, isDirectory: true),
      form: form.form, gallery: gallery, console: console)
    switch output.format {
    case .text: for picture in pictures { print(picture.relativePath) }
    case .json: print(JSONFile.encode(pictures.map(\.relativePath)))
    }
  }
}

extension ColorScheme: ExpressibleByArgument {}

extension FigureForm {
  /// The options that ask for this form.
  var arguments: [String] {
    var arguments: [String] = []
    if scheme != .light { arguments.append("--theme \(scheme.rawValue)") }
    if dotsPerInch != FigureForm().dotsPerInch { arguments.append("--dpi \(dotsPerInch)") }
    if let width { arguments.append("--width \(width.millimetres)mm") }
    return arguments
  }
}

extension FigureForm.Width: ExpressibleByArgument {
  /// `single`, `double`, or a number with `mm`, `cm` or `in`.
  public init?(argument: String) {
    switch argument {
    case "single": self = .single
    case "double": self = .double
    default:
      let units = ["mm": 1, "cm": 10, "in": 25.4]
      guard let (unit, length) = units.first(where: { argument.hasSuffix($0.key) }),
        let value = Double(argument.dropLast(unit.count)), value.isFinite
      else { return nil }
      self.init(millimetres: value * length)
    }
  }
}

/// Of so many classes walks and extremes are drawn when nobody says of which: a data set of a hundred classes would
/// leave a thousand pictures.
private let mostClassesUnasked = 10

/// Draws all figures of analysed runs, on all cores.
/// - Parameters:
///   - classes: whose walks and extremes, by name.
///   - all: those of every class.
///   - gallery: writes `index.html` too, and every figure also in the other colour scheme, for it.
/// - Returns: the PNG files, and last the gallery.
/// - Throws: `ValidationError` if two folders have one name.
func drawFigures(
  _ folders: [RunFolder], classes: String? = nil, all: Bool = false, data: String? = nil, into folder: URL,
  form: FigureForm = FigureForm(), gallery: Bool = false, console: Console
) throws -> [URL] {
  for (place, folder) in folders.enumerated() {
    if let other = folders[..<place].first(where: { $0.name == folder.name }) {
      throw ValidationError(
        "\(other.url.relativePath) and \(folder.url.relativePath) are both called \(folder.name), and files of figures "
          + "are called by the run's folder; rename one, or draw them by themselves")
    }
  }
  let runs = try folders.map { try DrawnRun($0) }
  try requireSameImages(runs)
  let classNames = runs[0].report.classNames
  var shown = try chosenClasses(classes, among: classNames) ?? classNames
  if classes == nil, !all, classNames.count > mostClassesUnasked {
    shown = Array(classNames.prefix(mostClassesUnasked))
    console.say(
      "walks and extremes of the first \(shown.count) of \(classNames.count) classes; --classes or --all draws others")
  }
  let dataset = try loadDataset(of: folders[0], data: data, console)
  for run in runs where run.report.map.entries.count != dataset.test.count {
    throw FileError.malformed(
      path: run.folder.report.path, found: "an analysis of \(run.report.map.entries.count) test images",
      expected: "\(dataset.test.count), as the data set has; run `isda analyze` again")
  }
  let images: ImageSource = { reference in
    (reference.split == .train ? dataset.train : dataset.test).image(reference.row)
  }
  var similarity: RunSimilarity?
  if runs.count > 1 {
    let measured = try Analysis.similarity(of: folders) { pair, count in
      try StopSignal.throwIfRequested()
      console.progress(Double(pair) / Double(count), "comparing runs, pair \(pair + 1) of \(count)")
    }
    try RunFolder(folder).write(measured)
    similarity = measured
  }
  let list = FigureList(runs, similarity: similarity, classes: shown, images: images)
  let figures = try list.figures + list.besideEachOther()
  let epoch = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"].flatMap(TimeInterval.init)
  let drawings = Drawings(
    figures, into: folder, form: form, gallery: gallery, created: epoch.map(Date.init(timeIntervalSince1970:)))
  let drawn = try drawings.finish { done in
    console.progress(Double(done) / Double(figures.count), "drawing: \(done) of \(figures.count) figures")
  }
  console.closeLine()

  let wide = drawn.filter { $0.millimetres > (form.width?.millimetres ?? .infinity) + 0.1 }
  if let width = form.width, let widest = wide.max(by: { $0.millimetres < $1.millimetres }) {
    console.say(
      "\(wide.count) of \(drawn.count) figures stay wider than \(fixed(width.millimetres, 0)) mm, with text of "
        + "\(fixed(FigureForm.smallestText, 0)) points; the widest is \(widest.entry.name), "
        + "\(fixed(widest.millimetres, 0)) mm")
  }
  var written = drawn.map(\.picture)
  if gallery { written.append(try writeGallery(of: drawn, runs, form: form, into: folder)) }
  return written
}

/// A figure that has been written.
private struct Drawn: Sendable {
  /// The PNG file.
  let picture: URL
  let entry: Gallery.Entry
  /// In print.
  let millimetres: Double
  /// The titles of the runs that it shows.
  let runs: [String]
}

/// The drawing of many figures on all cores. Each one is made, drawn and packed by the thread that takes it, so its
/// bytes do not depend on who else draws.
private final class Drawings: Sendable {
  let makers: [FigureList.Maker]
  let folder: URL
  let form: FigureForm
  let gallery: Bool
  /// For PDF documents.
  let created: Date?
  private let results = Mutex<[Int: Result<Drawn, any Error>]>([:])

  init(_ makers: [FigureList.Maker], into folder: URL, form: FigureForm, gallery: Bool, created: Date?) {
    (self.makers, self.folder, self.form, self.gallery, self.created) = (makers, folder, form, gallery, created)
  }

  /// Draws them all; `report` is called a few times a second with how many are done.
  /// - Throws: of several failures the first figure's.
  func finish(_ report: (Int) -> Void) throws -> [Drawn] {
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) { [self] in
      DispatchQueue.concurrentPerform(iterations: makers.count) { index in
        let result = Result { try write(makers[index]) }
        results.withLock { $0[index] = result }
      }
    }
    while group.wait(timeout: .now() + 0.2) == .timedOut { report(results.withLock(\.count)) }
    return try results.withLock { results in try makers.indices.compactMap { try results[$0]?.get() } }
  }

  private func write(_ make: FigureList.Maker) throws -> Drawn {
    try StopSignal.throwIfRequested()
    return try form.arranging {
      let (figure, runs) = make()
      let provenance = provenance(of: runs, form: form, into: folder, created: created)
      let files = try figure.write(to: folder, form: form, provenance: provenance)
      if gallery {
        var twin = form
        twin.scheme = Gallery.other(than: form.scheme)
        let url = folder.appendingPathComponent("\(twin.scheme.rawValue)/\(figure.name).svg")
        try WholeFile.write(figure.svg(form: twin, provenance: provenance), to: url, durably: false)
      }
      let size = form.fitted(figure.drawing).size
      return Drawn(
        picture: files[0], entry: Gallery.Entry(name: figure.name, title: figure.title, size: size),
        millimetres: size.width / 96 * 25.4, runs: runs.map(\.title))
    }
  }
}

/// What files say of where they come from; `isda` draws the same again with this command.
private func provenance(
  of runs: [DrawnRun], form: FigureForm, into folder: URL, created: Date? = nil
) -> Provenance {
  let command = ["isda figures"] + runs.map(\.folder.url.relativePath) + form.arguments
  return Provenance(
    software: "isda \(RunEnvironment.toolVersion)",
    command: (command + ["--out \(folder.relativePath)"]).joined(separator: " "),
    data: runs.map { "\($0.folder.name) sha256 \($0.digest)" }.joined(separator: ", "), created: created)
}

/// Writes `index.html`: what shows all runs first, then run by run.
private func writeGallery(
  of drawn: [Drawn], _ runs: [DrawnRun], form: FigureForm, into folder: URL
) throws(FileError) -> URL {
  let together = drawn.filter { $0.runs.count > 1 }
  var sections = together.isEmpty ? [] : [Gallery.Section(title: "Runs together", entries: together.map(\.entry))]
  var titles: [String] = []
  for run in runs where !titles.contains(run.title) { titles.append(run.title) }
  for title in titles {
    sections.append(Gallery.Section(title: title, entries: drawn.filter { $0.runs == [title] }.map(\.entry)))
  }
  let setting = "\(runs[0].configuration.network) on \(runs[0].configuration.images.name)"
  let url = folder.appendingPathComponent("index.html")
  try WholeFile.write(
    Gallery(
      title: "Figures of \(setting)", sections: sections, scheme: form.scheme,
      provenance: provenance(of: runs, form: form, into: folder)
    ).html, to: url)
  return url
}
