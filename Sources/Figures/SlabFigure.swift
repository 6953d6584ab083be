//  The average image of a class at each place along its directions: what many images share there remains, what only one
//  of them shows is gone. It asks the same question as a walk, of all images instead of the nearest.

internal import Canvas
internal import Foundation
internal import Raster
public import Results
internal import Storage

/// Mean images of slabs along the leading directions of one class.
public struct SlabFigure {
  public var slabs: Slabs
  public var classNames: [String]
  /// What the features come from, for the subtitle.
  public var run: String
  public var images: ImageSource

  public init(_ slabs: Slabs, classNames: [String], run: String, images: @escaping ImageSource) {
    (self.slabs, self.classNames, self.run, self.images) = (slabs, classNames, run, images)
  }

  private static let (header, gap, heading) = (126.0, 12.0, 22.0)

  private var name: String { className(slabs.classIndex, classNames) }
  private var steps: [Double] { Set(slabs.rows.flatMap { $0.slabs.map(\.step) }).sorted() }

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let steps = self.steps
    let first = slabs.rows.lazy.flatMap(\.slabs).flatMap(\.rows).first
    let scale = ImageScale(64, for: first.map { images(ImageReference(.test, $0)) })
    let (pitch, rowHeight) = (scale.side + Self.gap, scale.side + 28)
    let width = Self.header + Double(max(steps.count, 1)) * pitch - Self.gap
    let height = Self.heading + Double(slabs.rows.count) * rowHeight
    // Averaging reads every image of the class for every direction, so it is done once and not in each rendering.
    let means = slabs.rows.map { row in
      row.slabs.map { Image.mean(of: $0.rows.map { images(ImageReference(.test, $0)) }) }
    }
    let page = Page(
      title: "Average images along the principal directions of “\(name)”", subtitle: run,
      caption: "Each cell is the mean, pixel by pixel, of the class’s test images whose features lie within half a "
        + "standard deviation σ of that place along the direction, from the class mean; the outermost take in all beyond. "
        + "Below it, how many they are. Few images give sharp means that show themselves, not the direction.")
    let drawing = page.drawing(body: Size(max(width, Self.header), height), ruler: ruler) { canvas, area in
      let left = area.x + Self.header
      for (column, step) in steps.enumerated() {
        canvas.text(
          step == 0 ? "mean" : decimal(step, step == step.rounded() ? 0 : 1, signed: true) + "σ",
          at: Point(left + Double(column) * pitch + scale.side / 2, area.y + 4), font: Theme.label,
          color: Theme.secondary, horizontal: .center, vertical: .top)
      }
      for (index, row) in slabs.rows.enumerated() {
        let y = area.y + Self.heading + Double(index) * rowHeight
        let lines = [
          ("Direction \(row.direction)", Theme.heading, Theme.ink),
          ("\(percent(row.share)) of variance", Theme.small, Theme.secondary),
          ("σ = \(compact(row.sigma))", Theme.small, Theme.secondary),
        ]
        var top = y + (scale.side - 38) / 2
        for (text, font, color) in lines {
          canvas.text(text, at: Point(area.x, top), font: font, color: color, vertical: .top)
          top += font == Theme.heading ? 15.5 : 13
        }
        for (slab, mean) in zip(row.slabs, means[index]) {
          guard let column = steps.firstIndex(of: slab.step) else { continue }
          let corner = Point(left + Double(column) * pitch, y)
          if let mean {
            canvas.image(mean, in: scale.rectangle(of: mean, at: corner))
          } else {
            canvas.rectangle(Rectangle(x: corner.x, y: corner.y, width: scale.side, height: scale.side))
            canvas.stroke(Theme.grid, width: 1)
          }
          canvas.text(
            grouped(slab.rows.count), at: Point(corner.x + scale.side / 2, corner.y + scale.side + 5),
            font: Theme.small,
            color: Theme.secondary, horizontal: .center, vertical: .top)
        }
      }
    }
    return Figure(name: figureName(prefix: prefix, "slabs", name), title: page.title, drawing: drawing, table: table)
  }

  private var table: CSVTable {
    var table = CSVTable(header: ["class", "direction", "share", "sigma", "step", "images", "rows"])
    for row in slabs.rows {
      for slab in row.slabs {
        table.append([
          name, row.direction, row.share, row.sigma, slab.step, slab.rows.count,
          slab.rows.map(String.init).joined(separator: " "),
        ])
      }
    }
    return table
  }
}

extension Image {
  /// The mean of images of one size, each value to the nearest whole one; nil for none. Of other sizes than the first
  /// image's none counts.
  static func mean(of images: [Image]) -> Image? {
    guard let first = images.first else { return nil }
    let same = images.filter { $0.width == first.width && $0.height == first.height }
    var sums = [Int](repeating: 0, count: first.pixels.count)
    for image in same {
      image.pixels.withUnsafeBufferPointer { pixels in
        for index in sums.indices { sums[index] += Int(pixels[index]) }
      }
    }
    return Image(
      width: first.width, height: first.height, pixels: sums.map { UInt8(($0 + same.count / 2) / same.count) })
  }
}
