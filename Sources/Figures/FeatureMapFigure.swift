//  Where the test images lie in feature space, on the first two principal components or on a map of neighbours, with
//  images themselves as marks where there is room, and one panel for each run.

internal import Canvas
internal import Foundation
internal import Raster
public import Results
internal import Storage

/// Feature maps of one run or of several side by side.
public struct FeatureMapFigure {
  public struct Panel: Sendable {
    public var title: String
    var entries: [FeatureMap.Entry]
    var plane: Plane

    /// On the first two principal components.
    public init(title: String, map: FeatureMap) {
      (self.title, entries, plane) = (title, map.entries, .components(shares: map.shares))
    }

    /// On a map of neighbours.
    public init(title: String, map: NeighbourMap) {
      (self.title, entries) = (title, map.entries)
      plane = .neighbours(perplexity: map.perplexity, divergence: map.divergence)
    }
  }

  /// What the two coordinates are.
  enum Plane: Sendable {
    case components(shares: [Double])
    case neighbours(perplexity: Double, divergence: Double)
  }

  public var panels: [Panel]
  public var classNames: [String]
  /// Data set and network, for the subtitle.
  public var setting: String
  public var images: ImageSource
  /// How large images are drawn: the largest whole multiple of their pixels up to this, in 1/96 inch.
  public var thumbnailSide = 32.0

  public init(_ panels: [Panel], classNames: [String], setting: String, images: @escaping ImageSource) {
    (self.panels, self.classNames, self.setting, self.images) = (panels, classNames, setting, images)
  }

  private static let gap = 30.0
  private static let footer = 24.0
  private static let border = 1.5

  /// Up to three panels stand side by side, four two by two; fewer where the page has no room for them.
  private var columns: Int {
    let wanted = panels.count == 4 ? 2 : min(max(panels.count, 1), 3)
    return Int(min(max((Page.bodyRoom + Self.gap) / (Self.smallestSide + Self.gap), 1), Double(wanted)))
  }
  private static let smallestSide = 320.0

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let columns = self.columns
    let side = min(
      panels.count > 1 ? 580.0 : 680, (Page.bodyRoom + Self.gap) / Double(columns) - Self.gap)
    let first = panels.lazy.flatMap(\.entries).first { $0.x.isFinite && $0.y.isFinite }
    let scale = ImageScale(thumbnailSide, for: first.map { images($0.image) })
    let placements = panels.map { Placement($0.entries, side: side, thumbnail: scale.side + 2 * Self.border) }
    let height = placements.map(\.height).max() ?? side

    let rowHeight = Plot.headingHeight + height + Self.footer
    let rows = max((panels.count + columns - 1) / columns, 1)
    let width = Double(columns) * (side + Self.gap) - Self.gap
    let legend = Legend(
      classNames.count > 20
        ? []
        : classNames.indices.map {
          .init(.swatch(Theme.color(ofClass: $0, of: classNames.count)), classNames[$0])
        }, width: width, ruler: ruler)
    let shown = zip(panels, placements).map { panel, placement in
      "\(grouped(placement.thumbnails.count)) of \(grouped(panel.entries.count))"
        + (panels.count > 1 ? " (\(panel.title))" : "")
    }
    let (title, stem, reading): (String, String, String) =
      switch panels.first?.plane {
      case .neighbours:
        (
          "Test images beside those with similar features (t-SNE)", "feature-map-tsne",
          "Near images have similar features. How far apart groups lie, how large they are and how dense says nothing, "
            + "and the axes have no meaning. Colours stand for the true class, which the map was not told."
        )
      default:
        (
          "Test images on the first two principal components of their features", "feature-map",
          "Both axes have one scale. Colours stand for the true class."
        )
      }
    let page = Page(
      title: title, subtitle: setting,
      caption: "Shown as images: \(shown.joined(separator: ", ")), where they do not overlap; the others are dots. "
        + reading)
    let legendHeight = legend.height + (legend.height > 0 ? 6 : 0)
    let body = Size(width, legendHeight + Double(rows) * (rowHeight + Self.gap) - Self.gap)
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      for (index, (panel, placement)) in zip(panels, placements).enumerated() {
        let frame = Rectangle(
          x: area.x + Double(index % columns) * (side + Self.gap),
          y: area.y + legendHeight + Double(index / columns) * (rowHeight + Self.gap) + Plot.headingHeight,
          width: side, height: height)
        draw(panel, placement, in: frame, scale, ruler: ruler, on: canvas)
      }
    }
    return Figure(name: figureName(prefix: prefix, stem), title: page.title, drawing: drawing, table: table)
  }

  private func draw(
    _ panel: Panel, _ placement: Placement, in frame: Rectangle, _ scale: ImageScale, ruler: TextRuler,
    on canvas: Canvas
  ) {
    let title = ruler.fitted(panel.title, font: Theme.heading, width: frame.width)
    canvas.text(title, at: Point(frame.x, frame.y - 10), font: Theme.heading, color: Theme.ink)
    canvas.rectangle(frame)
    canvas.fill(Color(0xFAFAFB), keepingPath: true)
    canvas.stroke(Theme.grid, width: 1)
    let shift = (frame.height - placement.height) / 2
    let entries = panel.entries
    for (index, center) in placement.dots {
      canvas.circle(frame.x + center.x, frame.y + center.y + shift, radius: 1.5)
      canvas.fill(color(of: entries[index]).opacity(0.6))
    }
    for (index, center) in placement.thumbnails {
      let image = images(entries[index].image)
      // Borders and images on whole units are sharp at every resolution.
      let corner = Point(
        (frame.x + center.x - scale.side / 2).rounded(), (frame.y + center.y + shift - scale.side / 2).rounded())
      let rectangle = scale.rectangle(of: image, at: corner)
      canvas.rectangle(rectangle.inset(by: -Self.border))
      canvas.fill(color(of: entries[index]))
      canvas.image(image, in: rectangle)
    }
    let labels = labels(of: panel.plane)
    let label = labels.first { ruler.width(of: $0, font: Theme.label) <= frame.width } ?? labels[labels.count - 1]
    canvas.text(
      ruler.fitted(label, font: Theme.label, width: frame.width), at: Point(frame.x, frame.maxY + 9),
      font: Theme.label, color: Theme.secondary, vertical: .top)
  }

  /// What stands below a panel, longer and shorter.
  private func labels(of plane: Plane) -> [String] {
    switch plane {
    case .components(let shares):
      let held = shares.prefix(2).map(percent)
      guard held.count == 2 else { return ["→ component 1, ↑ component 2"] }
      return [
        "→ component 1 (\(held[0]) of the variance), ↑ component 2 (\(held[1]) of the variance)",
        "→ component 1 (\(held[0])), ↑ component 2 (\(held[1]) of variance)",
        "→ \(held[0]), ↑ \(held[1]) of the variance",
      ]
    case .neighbours(let perplexity, let divergence):
      let isWhole = perplexity == perplexity.rounded()
      return ["perplexity \(decimal(perplexity, isWhole ? 0 : 1)), KL divergence \(decimal(divergence, 2)) nats"]
    }
  }

  private func color(of entry: FeatureMap.Entry) -> Color {
    Theme.color(ofClass: entry.label, of: classNames.count)
  }

  /// What is drawn where, relative to the panel's corner.
  private struct Placement {
    var thumbnails: [(index: Int, center: Point)] = []
    var dots: [(index: Int, center: Point)] = []
    let height: Double

    /// Greedy: entries come in a fixed shuffled order, and each becomes a thumbnail if none is in its way. The
    /// order does not depend on the class, so that every region shows what most of its images are.
    init(_ entries: [FeatureMap.Entry], side: Double, thumbnail: Double) {
      let finite = entries.indices.filter { entries[$0].x.isFinite && entries[$0].y.isFinite }
      let (xs, ys) = (finite.map { entries[$0].x }, finite.map { entries[$0].y })
      let (left, right) = (xs.min() ?? 0, xs.max() ?? 0)
      let (bottom, top) = (ys.min() ?? 0, ys.max() ?? 0)
      let margin = thumbnail / 2 + 8
      let span = max(right - left, (top - bottom) * 0.9)
      // Where all points are one, any scale puts them in the middle.
      let scale = span > 1e-100 ? (side - 2 * margin) / span : 1
      let height = min(max((top - bottom) * scale + 2 * margin, side * 0.55), side * 1.12)
      self.height = height

      var taken: [Cell: [Point]] = [:]
      for index in Self.shuffled(finite) {
        let center = Point(
          side / 2 + (entries[index].x - (left + right) / 2) * scale,
          height / 2 - (entries[index].y - (bottom + top) / 2) * scale)
        let cell = Cell(column: Int(center.x / thumbnail), row: Int(center.y / thumbnail))
        let isFree = cell.neighbourhood.allSatisfy { neighbour in
          taken[neighbour, default: []].allSatisfy {
            max(abs($0.x - center.x), abs($0.y - center.y)) >= thumbnail + 3
          }
        }
        if isFree {
          taken[cell, default: []].append(center)
          thumbnails.append((index, center))
        } else {
          dots.append((index, center))
        }
      }
    }

    private struct Cell: Hashable {
      let column, row: Int
      /// Itself and all cells in which something nearer than a cell's side and a little more may lie.
      var neighbourhood: [Cell] {
        (-2...2).flatMap { dx in (-2...2).map { dy in Cell(column: column + dx, row: row + dy) } }
      }
    }

    /// A permutation that is the same in every run: Fisher and Yates over a linear congruential generator.
    private static func shuffled(_ indices: [Int]) -> [Int] {
      var result = indices
      var state: UInt64 = 0x9E37_79B9_7F4A_7C15
      for i in stride(from: result.count - 1, to: 0, by: -1) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        result.swapAt(i, Int((state >> 33) % UInt64(i + 1)))
      }
      return result
    }
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["panel", "split", "row", "label", "predicted", "x", "y"])
    for panel in panels {
      for entry in panel.entries {
        table.append([
          panel.title, entry.image.split.rawValue, entry.image.row, className(entry.label, classNames),
          className(entry.predicted, classNames), entry.x, entry.y,
        ])
      }
    }
    return table
  }
}
