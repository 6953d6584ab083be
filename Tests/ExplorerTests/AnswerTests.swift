import Foundation
import Raster
import Results
import Storage
import Testing

@testable import Explorer

@Suite("What the page is told")
struct AnswerTests {
  private struct Reference: Decodable {
    struct Change: Decodable {
      let step: Double
      let from, to: Int
    }
    let base, slope: [Double]
    let classes: [Int]
    let probabilities: [[Double]]
    let changes: [Change]
  }

  @Test func `probabilities and changes of class are as scipy and a fine scan find them`() throws {
    let url = try #require(Bundle.module.url(forResource: "Fixtures/class-changes", withExtension: "json"))
    let references = try JSONDecoder().decode([Reference].self, from: Data(contentsOf: url))
    try #require(references.count == 5)
    for reference in references {
      let chart = WalkAnswer.Chart(base: reference.base, slope: reference.slope)
      #expect(chart.steps.count == 49 && chart.steps.first == -6 && chart.steps.last == 6)
      #expect(chart.classes == reference.classes)
      for (row, expected) in zip(chart.probabilities, reference.probabilities) {
        #expect(zip(row, expected).allSatisfy { abs($0 - $1) < 1e-6 })
      }
      #expect(chart.changes.map(\.from) == reference.changes.map(\.from))
      #expect(chart.changes.map(\.to) == reference.changes.map(\.to))
      #expect(zip(chart.changes, reference.changes).allSatisfy { abs($0.step - $1.step) < 1e-9 })
      let hand = WalkAnswer.Hand(base: reference.base, slope: reference.slope, at: 1.5)
      let place = try #require(chart.steps.firstIndex(of: 1.5))
      if let row = chart.classes.firstIndex(of: hand.predicted) {
        #expect(abs(chart.probabilities[row][place] - hand.confidence) < 1e-6)
      }
      let leader = chart.changes.last { $0.step <= 1.5 }?.to ?? chart.changes.first?.from
      #expect(leader == nil || leader == hand.predicted)
    }
  }

  @Test func `lines that meet at one point or lie on each other change once`() {
    let meeting = WalkAnswer.Chart.changes([0, 0, 0], [-1, 0, 1], in: -6...6)
    #expect(meeting == [.init(step: 0, from: 0, to: 2)])
    #expect(WalkAnswer.Chart.changes([1, 1], [2, 2], in: -6...6).isEmpty)
    // The steeper of two that are equal at the beginning leads from the beginning.
    #expect(WalkAnswer.Chart.changes([6, 0], [1, 0], in: -6...6).isEmpty)
  }

  @Test func `columns are little-endian bytes`() {
    #expect(Column([1, 258] as [UInt16]).base64 == Data([1, 0, 2, 1]).base64EncodedString())
    #expect(Column([1.5] as [Float]).base64 == Data([0, 0, 0xC0, 0x3F]).base64EncodedString())
    #expect(Column([UInt32(1 << 24)]).type == "u32")
  }

  @Test func `measures reach the direction that they are of`() throws {
    func direction(share: Double) -> DirectionSignificance.Direction {
      .init(
        eigenvalue: 1, eigenvalueInterval: .init(0, 2), share: share, shareInterval: .init(share - 0.1, share + 0.1),
        noiseLevel: 0, noiseMedian: 0, pValue: 0.25, standsOut: share > 0.3, excessKurtosis: 0, cosine: 0.875,
        cosineRange: .init(0.75, 1), firstOfGroup: 1, lastOfGroup: 2, overlap: nil, visibleShare: nil)
    }
    let significance = DirectionSignificance(
      level: 0.05, draws: 1, resamples: 1, splits: 1,
      classes: [
        .init(
          classIndex: 3, name: "cat", count: 9, featureCount: 2, totalVariance: 1, marchenkoPasturEdge: 1,
          chanceCosine: 0, directions: [direction(share: 0.5), direction(share: 0.25)])
      ])
    func side(_ median: Double) -> MarginBudgets.Side {
      .init(median: Estimate(median, from: 1, to: .infinity), lowerQuartile: 0, upperQuartile: 0)
    }
    let margins = MarginBudgets(
      classNames: [],
      classes: [
        .init(
          classIndex: 3, images: 4, recognised: 4,
          directions: [
            .init(
              direction: 2, sigma: 1, positive: side(9), negative: side(8), either: side(2),
              survivors: Estimate(0.5, from: 0.25, to: 0.75))
          ])
      ])
    let entry = DirectionEntry(
      id: "cat.principal.2", kind: .principal, classIndex: 3, title: "t", sigma: 1, lower: -1, upper: 1)
    let answer = DirectionAnswer(entry, visibleShare: 0.125, significance: significance, margins: margins)
    let json = try #require(
      try JSONSerialization.jsonObject(with: encodedAnswer(answer)) as? [String: Any])
    #expect(json["rank"] as? Int == 2 && json["verdict"] as? String == "noise" && json["class"] as? Int == 3)
    #expect((json["share"] as? [String: Any])?["value"] as? Double == 0.25)
    #expect((json["stability"] as? [String: Any])?["lower"] as? Double == 0.75)
    let margin = try #require(json["margin"] as? [String: Any])
    #expect(margin["value"] as? Double == 2 && margin["upper"] is NSNull)
    #expect(json["name"] is NSNull && json["group"] as? [Int] == [1, 2] && json["mine"] as? Bool == false)
    let other = DirectionEntry(
      id: "cat.random.2", kind: .random, classIndex: 3, title: "t", sigma: 1, lower: -1, upper: 1)
    #expect(DirectionAnswer(other, visibleShare: nil, significance: significance, margins: margins).rank == nil)
  }
}

@Suite("Sheets of images")
struct SpriteTests {
  private func image(_ width: Int, _ height: Int, _ value: UInt8) -> Image {
    Image(width: width, height: height, pixels: [UInt8](repeating: value, count: width * height * 3))
  }

  @Test func `every image lies where the layout says`() throws {
    let images = SessionAnswer.Images(count: 300, width: 3, height: 2)
    let layout = SpriteLayout(.full, of: images)
    #expect(layout.cell == 3 && layout.columns == 16 && layout.perSheet == 256 && layout.sheets == 2)
    for sheet in 0..<2 {
      let png = layout.png(sheet: sheet, count: 300) { image(3, 2, UInt8($0 % 250 + 1)) }
      let picture = try Image(png: png, name: "sheet")
      #expect(picture.width == 48 && picture.height == (sheet == 0 ? 48 : 9))
      for place in 0..<min(256, 300 - sheet * 256) {
        let (x, y) = (place % 16 * 3, place / 16 * 3)
        let value = UInt8((sheet * 256 + place) % 250 + 1)
        #expect(picture[x, y].red == value && picture[x + 2, y + 1].blue == value)
      }
      // Two rows of pixels in a cell of three: the last is empty.
      #expect(picture[0, 2].red == 0)
    }
  }

  @Test func `large images become the means of their pixels`() {
    let stripes = Image(width: 16, height: 16, pixels: (0..<256).flatMap { [UInt8($0 % 2 == 0 ? 100 : 201), 0, 255] })
    let small = stripes.fitted(into: 8)
    #expect(small.width == 8 && small.height == 8)
    #expect(small[3, 5].red == 151 && small[3, 5].green == 0 && small[3, 5].blue == 255)
    let wide = image(100, 10, 7).fitted(into: 8)
    #expect(wide.width == 8 && wide.height == 1 && wide.pixels.allSatisfy { $0 == 7 })
    #expect(image(8, 8, 3).fitted(into: 8).pixels.count == 192)
  }

  @Test func `sheets are kept up to a limit`() throws {
    let sheets = SpriteSheets()
    let images = SessionAnswer.Images(count: 300, width: 4, height: 4)
    var made = 0
    for _ in 0..<3 {
      _ = try sheets.png(.full, sheet: 1, of: images) { row in
        made += 1
        return image(4, 4, UInt8(row % 200))
      }
    }
    #expect(made == 44)
    #expect(throws: ExplorerError.self) { try sheets.png(.full, sheet: 2, of: images) { _ in nil } }
  }
}

@Suite("The page in the binary")
struct PageTests {
  private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources/Explorer/Page")

  @Test func `every file of the folder is there, as it is now, and no other`() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(
      Set(PageFiles.embedded.files.keys)
        == Set(names).union(["fonts/Inter-Regular.otf", "fonts/Inter-SemiBold.otf"]))
    for name in names {
      let file = try Data(contentsOf: folder.appendingPathComponent(name))
      #expect(PageFiles.embedded.files[name] == file, "\(name)")
    }
  }

  @Test func `modules import only each other, in the form that a static file rewrites`() {
    let files = PageFiles.embedded.files
    for (name, file) in files where name.hasSuffix(".js") {
      let text = String(decoding: file, as: UTF8.self)
      for line in text.split(separator: "\n") where line.contains("from \"") || line.hasPrefix("import ") {
        guard let match = line.firstMatch(of: /from "\.\/([A-Za-z]+\.js)"/) else {
          // Names in braces can stand on lines of their own.
          #expect(line.hasPrefix("import {") && !line.contains("\""), "\(name): \(line)")
          continue
        }
        #expect(files[String(match.1)] != nil, "\(name) imports \(match.1)")
      }
      #expect(!text.contains("import("), "\(name) imports while it runs")
    }
  }

  @Test func `nothing points outside`() {
    for (name, file) in PageFiles.embedded.files where !name.hasPrefix("fonts/") {
      let text = String(decoding: file, as: UTF8.self)
        .replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
      #expect(!text.contains("http://") && !text.contains("https://") && !text.contains("//cdn"), "\(name)")
    }
  }

  @Test func `a static file holds page, modules, fonts and data, and no data ends a script`() throws {
    var page = StaticPage()
    page.add(CommandAnswer(command: "</script><script>alert(1)</script> ü"), at: "/api/session")
    page.add(
      Film(sigma: 2, strip: .init([]), control: nil, chart: .init(base: [0, 1], slope: [1, 0])), run: 0, anchor: 17,
      direction: "cat.principal.1")
    page.add([Data([1, 2, 3])], of: .small, rows: [0, 2, 5])
    let html = String(decoding: try page.html(), as: UTF8.self)
    #expect(!html.contains("<script>alert"))
    #expect(!html.contains("src=\"main.js\"") && !html.contains("<link rel=\"stylesheet\""))
    let data = try #require(html.firstMatch(of: /<script type="application\/json" id="explorer-data">(.*?)<\/script>/))
    let json = try #require(try JSONSerialization.jsonObject(with: Data(data.1.utf8)) as? [String: Any])
    let answers = try #require(json["answers"] as? [String: [String: String]])
    #expect(answers["/api/session"]?["command"] == "</script><script>alert(1)</script> ü")
    #expect((json["films"] as? [String: Any])?.keys.sorted() == ["0/17/cat.principal.1"])
    #expect((json["sprites"] as? [String: [String]])?["small"] == ["AQID"])
    #expect((json["rows"] as? [String: String])?["base64"] == Column([0, 2, 5] as [UInt32]).base64)
    let map = try #require(html.firstMatch(of: /<script type="importmap">(.*?)<\/script>/))
    let imports = try #require(
      try JSONSerialization.jsonObject(with: Data(map.1.utf8)) as? [String: [String: String]])["imports"]
    let modules = PageFiles.embedded.files.keys.filter { $0.hasSuffix(".js") }
    #expect(Set(imports?.keys ?? [:].keys) == Set(modules.map { "explorer/\($0)" }))
    let main = try #require(imports?["explorer/main.js"]?.split(separator: ",").last)
    let text = String(decoding: try #require(Data(base64Encoded: String(main))), as: UTF8.self)
    #expect(text.contains("from \"explorer/") && !text.contains("from \"./"))
  }
}

@Suite("A bucket of requests")
struct RateLimitTests {
  @Test func `so many at once, and so many a second`() {
    let start = ContinuousClock.now
    let limit = RateLimit(capacity: 3, perSecond: 2, now: start)
    func take(after seconds: Double) -> Bool { limit.take(now: start + .seconds(seconds)) }
    #expect(take(after: 0) && take(after: 0) && take(after: 0) && !take(after: 0))
    #expect(!take(after: 0.4) && take(after: 0.6) && !take(after: 0.6))
    // No more than the bucket holds come back.
    #expect((0..<10).map { _ in take(after: 1000) }.count { $0 } == 3)
  }
}
