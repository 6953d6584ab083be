//  Over how many directions the variance of every class is spread: eigenvalues, and how their sum grows.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// Eigenvalues and cumulative shares of variance of all class covariances.
public struct SpectrumFigure {
  public var spectra: [Spectrum]
  public var classNames: [String]
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ spectra: [Spectrum], classNames: [String], run: String) {
    (self.spectra, self.classNames, self.run) = (spectra, classNames, run)
  }

  /// With more classes than this, single ones are lines in grey and only a few have names.
  static let mostNamed = 12

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let lines = self.lines
    let names = lines.filter(\.isNamed).map { ruler.fitted($0.name, font: Theme.label, width: 110) }
    let nameWidth = max(ruler.width(ofWidest: names, font: Theme.label), 40)
    let listWidth = 18 + nameWidth + 20 + 44 + 46
    let listHeight = Double(names.count) * 19 + 60
    // Two plots and the list side by side; where that is too narrow, one below the other.
    let besides = min(320, (Page.bodyRoom - listWidth - 56) / 2)
    let stacked = besides < 220
    let plotWidth = stacked ? min(320, Page.bodyRoom) : besides
    let plotHeight = stacked ? 330 : max(330, listHeight)
    let body =
      stacked
      ? Size(max(plotWidth, listWidth), 2 * (plotHeight + 20) + listHeight)
      : Size(2 * plotWidth + 56 + listWidth, plotHeight)

    let some =
      spectra.count > Self.mostNamed ? "; in colour the least, quartiles and greatest by effective rank" : ""
    let page = Page(
      title: "How many directions hold a class’s variance", subtitle: run,
      caption:
        "Spectra of the class covariances of the training features, one line a class\(some). A dot marks the "
        + "effective rank, the exponential of the entropy of the shares of variance; “90 %” is the number of "
        + "directions that hold 90 % of the variance.")
    let drawing = page.drawing(body: body, ruler: ruler) { canvas, area in
      let height = plotHeight - Plot.headingHeight - Plot.footerHeight
      let first = Rectangle(x: area.x + 34, y: area.y + Plot.headingHeight, width: plotWidth - 34, height: height)
      var second = first
      if stacked { second.y += plotHeight + 20 } else { second.x += plotWidth + 28 }
      let list =
        stacked ? Point(area.x, area.y + 2 * (plotHeight + 20) + Plot.headingHeight) : Point(second.maxX + 28, first.y)
      drawEigenvalues(lines, in: first, on: canvas)
      drawShares(lines, in: second, on: canvas)
      drawList(lines.filter(\.isNamed), names: names, at: list, width: listWidth, on: canvas)
    }
    return Figure(name: figureName(prefix: prefix, "spectrum"), title: page.title, drawing: drawing, table: table)
  }

  private struct Line {
    let spectrum: Spectrum
    let name: String
    let color: Color
    let isNamed: Bool
    var hasVariance: Bool { spectrum.eigenvalues.contains { $0 > 0 } }
  }

  /// By effective rank, as the cumulative lines lie from top to bottom, so that a list in this order can be
  /// followed. In drawing order: what has a name comes last, on top.
  private var lines: [Line] {
    let byRank = spectra.sorted { ($0.effectiveRank, $0.classIndex) < ($1.effectiveRank, $1.classIndex) }
    guard spectra.count > Self.mostNamed else {
      return byRank.map {
        Line(
          spectrum: $0, name: className($0.classIndex, classNames),
          color: Theme.color(ofClass: $0.classIndex, of: max(classNames.count, spectra.count)), isNamed: true)
      }
    }
    let last = byRank.count - 1
    let chosen = [0, last / 4, last / 2, last * 3 / 4, last]
    let rest = byRank.indices.filter { !chosen.contains($0) }
    return rest.map {
      Line(spectrum: byRank[$0], name: "", color: Color(0xCFCFD4), isNamed: false)
    }
      + chosen.enumerated().map { order, index in
        Line(
          spectrum: byRank[index], name: className(byRank[index].classIndex, classNames),
          color: Theme.color(ofRun: order, of: chosen.count), isNamed: true)
      }
  }

  private var directions: Axis {
    let dimension = spectra.map(\.eigenvalues.count).max() ?? 1
    return dimension > 12
      ? Axis(.logarithmic, from: 1, to: Double(dimension), ticks: 6)
      : Axis(.linear, from: dimension > 1 ? 1 : 0, to: Double(max(dimension, 1)), ticks: 12, wholeNumbers: true)
  }

  private func drawEigenvalues(_ lines: [Line], in frame: Rectangle, on canvas: Canvas) {
    // Values a millionth of the largest are rounding; the axis ends above them.
    let values = lines.flatMap(\.spectrum.eigenvalues).filter { $0.isFinite && $0 > 0 }
    let floor = (values.max() ?? 1) * 1e-6
    let plot = Plot(
      frame: frame, x: directions, y: .logarithmic(covering: values.filter { $0 >= floor }, ticks: 6),
      heading: "Eigenvalue", xLabel: "Direction")
    plot.drawAxes(on: canvas)
    for line in lines where line.hasVariance {
      plot.line(
        line.spectrum.eigenvalues.enumerated().map { (Double($0 + 1), $1) }, on: canvas, color: line.color,
        width: line.isNamed ? 1.7 : 0.7)
    }
  }

  private func drawShares(_ lines: [Line], in frame: Rectangle, on canvas: Canvas) {
    let plot = Plot(
      frame: frame, x: directions, y: Axis(.linear, from: 0, to: 100, ticks: 5),
      heading: "Cumulative share of variance (%)", xLabel: "Number of directions")
    plot.drawAxes(on: canvas)
    for line in lines where line.hasVariance {
      plot.line(
        line.spectrum.cumulativeShares.enumerated().map { (Double($0 + 1), 100 * $1) }, on: canvas, color: line.color,
        width: line.isNamed ? 1.7 : 0.7)
    }
    for line in lines where line.hasVariance && line.isNamed {
      let rank = line.spectrum.effectiveRank
      guard let point = plot.point(rank, 100 * share(of: rank, in: line.spectrum)) else { continue }
      canvas.circle(point.x, point.y, radius: 3.6)
      canvas.fill(line.color, keepingPath: true)
      canvas.stroke(.white, width: 1.2)
    }
  }

  /// The cumulative share at a number of directions that need not be whole, on the line as it is drawn.
  private func share(of rank: Double, in spectrum: Spectrum) -> Double {
    let shares = spectrum.cumulativeShares
    let below = min(max(Int(rank) - 1, 0), shares.count - 1)
    let above = min(below + 1, shares.count - 1)
    guard let from = directions.fraction(Double(below + 1)), let to = directions.fraction(Double(above + 1)),
      let here = directions.fraction(rank), to > from
    else { return shares[below] }
    return shares[below] + (shares[above] - shares[below]) * min(max((here - from) / (to - from), 0), 1)
  }

  private func drawList(
    _ lines: [Line], names: [String], at corner: Point, width: Double, on canvas: Canvas
  ) {
    let (rankEdge, ninetyEdge) = (corner.x + width - 46, corner.x + width)
    let headings = corner.y - 15
    for (text, edge) in [("effective rank", rankEdge), ("90 %", ninetyEdge)] {
      canvas.text(
        text, at: Point(edge, headings), font: Theme.small, color: Theme.secondary, horizontal: .right)
    }
    for (index, (line, name)) in zip(lines, names).enumerated() {
      let middle = corner.y + 4 + Double(index) * 19
      Legend.draw(.swatch(line.color), on: canvas, left: corner.x, middle: middle)
      canvas.text(name, at: Point(corner.x + 18, middle), font: Theme.label, color: Theme.ink, vertical: .middle)
      let spectrum = line.spectrum
      let texts =
        line.hasVariance
        ? [decimal(spectrum.effectiveRank, 1), String(directionsHolding(0.9, of: spectrum))] : ["–", "–"]
      for (text, edge) in zip(texts, [rankEdge, ninetyEdge]) {
        canvas.text(
          text, at: Point(edge, middle), font: Theme.label, color: Theme.ink, horizontal: .right, vertical: .middle)
      }
    }
  }

  private func directionsHolding(_ share: Double, of spectrum: Spectrum) -> Int {
    let shares = spectrum.cumulativeShares
    return (shares.firstIndex { $0 >= share - 1e-12 } ?? shares.count - 1) + 1
  }

  private var table: CSVTable {
    var table = CSVTable(header: [
      "class", "direction", "eigenvalue", "share", "cumulative_share", "held_out_variance", "effective_rank",
    ])
    for spectrum in spectra {
      let (shares, sums, rank) = (spectrum.shares, spectrum.cumulativeShares, spectrum.effectiveRank)
      for (k, value) in spectrum.eigenvalues.enumerated() {
        let heldOut = spectrum.heldOutVariances.indices.contains(k) ? "\(spectrum.heldOutVariances[k])" : ""
        table.append([
          className(spectrum.classIndex, classNames), k + 1, value, shares[k], sums[k], heldOut, rank,
        ])
      }
    }
    return table
  }
}
