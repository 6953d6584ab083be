//  The explorer as one file that needs no server: the page with everything inside it, and answers made before they are
//  asked for.

public import Foundation

/// A walk along one direction from −6 to 6 σ, of which the page shows the part around the hand.
public struct Film: Encodable, Sendable {
  /// Cells as columns, which are a third as long as objects.
  public struct Cells: Encodable, Sendable {
    let step: [Double]
    let row, label, predicted: [Int]
    let confidence, achieved, offAxis: [Double]

    public init(_ cells: [WalkAnswer.Cell]) {
      func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
      (step, row, label) = (cells.map(\.step), cells.map(\.row), cells.map(\.label))
      (predicted, confidence) = (cells.map(\.predicted), cells.map { rounded($0.confidence) })
      (achieved, offAxis) = (cells.map { rounded($0.achieved) }, cells.map { rounded($0.offAxis) })
    }
  }

  public struct Control: Encodable, Sendable {
    let title: String
    let strip: Cells

    public init(title: String, strip: Cells) { (self.title, self.strip) = (title, strip) }
  }

  /// −6, −5.5, …, 6.
  public static let steps = (-12...12).map { Double($0) / 2 }

  let steps = Film.steps
  let sigma: Double
  let strip: Cells
  @Nullable var control: Control?
  let chart: WalkAnswer.Chart

  public init(sigma: Double, strip: Cells, control: Control?, chart: WalkAnswer.Chart) {
    (self.sigma, self.strip, self.chart) = (sigma, strip, chart)
    self.control = control
  }
}

/// What a static file holds, filled piece by piece.
public struct StaticPage {
  /// JSON by the path that would ask for it.
  private var answers: [String: Data] = [:]
  /// JSON by `RUN/ANCHOR/ID`.
  private var films: [String: Data] = [:]
  private var sprites: [SpriteLayout.Kind: [Data]] = [:]
  private var rows: [Int] = []

  public init() {}

  public mutating func add(_ answer: some Encodable, at path: String) { answers[path] = encodedAnswer(answer) }

  public mutating func add(_ film: Film, run: Int, anchor: Int, direction: String) {
    films["\(run)/\(anchor)/\(direction)"] = encodedAnswer(film)
  }

  /// The images of these rows, rising, as the session's layout has them.
  public mutating func add(_ sheets: [Data], of kind: SpriteLayout.Kind, rows: [Int]) {
    sprites[kind] = sheets
    self.rows = rows
  }

  /// The document.
  public func html(page: PageFiles = .embedded) throws(ExplorerError) -> Data {
    guard let index = page.files["index.html"] else { throw ExplorerError(.failed, "the page has no index.html") }
    var document = String(decoding: index, as: UTF8.self)
    for (name, file) in page.files.sorted(by: { $0.key < $1.key }) where name.hasSuffix(".css") {
      let style = "<style>\n\(Self.withFonts(String(decoding: file, as: UTF8.self), page))\n</style>"
      try replace("<link rel=\"stylesheet\" href=\"\(name)\">", by: style, in: &document)
    }
    let scripts = """
      <script type="importmap">\(importMap(page))</script>
      <script type="application/json" id="explorer-data">\(data)</script>
      <script type="module">import "explorer/main.js";</script>
      """
    try replace("<script type=\"module\" src=\"main.js\"></script>", by: scripts, in: &document)
    return Data(document.utf8)
  }

  private func replace(_ text: String, by other: String, in document: inout String) throws(ExplorerError) {
    guard let range = document.range(of: text) else { throw ExplorerError(.failed, "index.html has no \(text)") }
    document.replaceSubrange(range, with: other)
  }

  private static func withFonts(_ style: String, _ page: PageFiles) -> String {
    page.files.filter { $0.key.hasPrefix("fonts/") }.reduce(style) { style, font in
      style.replacingOccurrences(
        of: "url(\"\(font.key)\")",
        with: "url(\"data:\(PageFiles.type(of: font.key));base64,\(font.value.base64EncodedString())\")")
    }
  }

  /// Modules by name as `data:` addresses; each imports the others by these names.
  private func importMap(_ page: PageFiles) -> String {
    let imports = page.files.filter { $0.key.hasSuffix(".js") }.map { name, file in
      let module = String(decoding: file, as: UTF8.self)
        .replacingOccurrences(of: "from \"./", with: "from \"explorer/")
      return (
        "explorer/\(name)", "data:text/javascript;charset=utf-8;base64,\(Data(module.utf8).base64EncodedString())"
      )
    }
    return Self.inMarkup(encodedAnswer(["imports": Dictionary(uniqueKeysWithValues: imports)]))
  }

  private var data: String {
    func object(_ parts: [String: Data]) -> Data {
      var result = Data("{".utf8)
      for (index, part) in parts.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { result.append(UInt8(ascii: ",")) }
        result.append(encodedAnswer(part.key))
        result.append(UInt8(ascii: ":"))
        result.append(part.value)
      }
      result.append(UInt8(ascii: "}"))
      return result
    }
    let sheets = sprites.map { ($0.key.rawValue, $0.value.map { $0.base64EncodedString() }) }
    return Self.inMarkup(
      object([
        "format": encodedAnswer(1), "answers": object(answers), "films": object(films),
        "rows": encodedAnswer(Column(rows.map { UInt32($0) })),
        "sprites": encodedAnswer(Dictionary(uniqueKeysWithValues: sheets)),
      ]))
  }

  /// JSON that no markup ends: < stands only in strings, where it has another spelling.
  private static func inMarkup(_ json: Data) -> String {
    String(decoding: json, as: UTF8.self).replacingOccurrences(of: "<", with: "\\u003c")
  }
}
