//  Which directions of each class are more than noise: eigenvalues with their intervals beside what chance reaches.

internal import Canvas
internal import Foundation
public import Results
internal import Storage

/// The leading eigenvalues of every class over their noise floor, a panel a class.
public struct ScreeFigure {
  public var measures: DirectionSignificance
  /// What the features come from, for the subtitle.
  public var run: String

  public init(_ measures: DirectionSignificance, run: String) {
    (self.measures, self.run) = (measures, run)
  }

  private static let floor = Color(0xD3D3D9)
  private static let edge = Palette.okabeIto[1]
  private static let edgeDash: [Double] = [4, 3]

  public func figure(prefix: String = "") -> Figure {
    let ruler = TextRuler()
    let panels = ClassPanels(measures)
    let body = panels.size
    let legend = Legend(
      [
        .init(.dot(ClassPanels.significant), "stands out"), .init(.dot(ClassPanels.noise), "noise"),
        .init(.swatch(Self.floor), "what chance reaches: median to largest of \(2 * measures.draws) draws"),
        .init(.line(Self.edge, width: 1.4, dash: Self.edgeDash), "Marchenko–Pastur edge"),
      ], width: max(body.width, Page.minimumWidth), ruler: ruler)
    let page = Page(
      title: "Which directions are more than noise", subtitle: run,
      caption:
        "Leading eigenvalues of each class’s covariance (training features), with 95 % bootstrap intervals. Chance is "
        + "the largest eigenvalue after the values of every feature were put in random order or given random signs, "
        + "without the directions found before. A direction stands out above all draws; in each class the test errs "
        + "with probability \(percent(measures.level)) at most. Standing out means that features vary together, not "
        + "that the direction means something." + panels.remark(of: measures.classes.count))
    let values = panels.classes.flatMap { group in
      [group.marchenkoPasturEdge]
        + group.directions.flatMap { [$0.eigenvalueInterval.lower, $0.eigenvalueInterval.upper, $0.noiseLevel] }
    }.filter { $0.isFinite && $0 > 0 }
    let least = (values.max() ?? 1) * 1e-6
    let y = Axis.logarithmic(covering: values.filter { $0 >= least }, ticks: 5)
    let drawing = page.drawing(body: Size(body.width, body.height + legend.height + 6), ruler: ruler) { canvas, area in
      legend.draw(on: canvas, at: Point(area.x, area.y))
      panels.draw(y: y, on: canvas, at: Point(area.x, area.y + legend.height + 6), ruler: ruler) { group, plot in
        drawFloor(group, in: plot, on: canvas)
        for (index, direction) in group.directions.enumerated() {
          ClassPanels.mark(
            Double(index + 1), direction.eigenvalue, from: direction.eigenvalueInterval.lower,
            to: direction.eigenvalueInterval.upper, in: plot, on: canvas, color: ClassPanels.color(of: direction))
        }
      }
    }
    return Figure(
      name: figureName(prefix: prefix, "scree"), title: page.title, drawing: drawing, table: measures.table)
  }

  /// The band that chance reaches, in steps, because each round of the test has its own; and the edge.
  private func drawFloor(_ group: DirectionSignificance.Class, in plot: Plot, on canvas: Canvas) {
    for (index, direction) in group.directions.enumerated() {
      let x = Double(index + 1)
      guard let top = plot.point(x - 0.5, direction.noiseLevel), let bottom = plot.point(x + 0.5, direction.noiseMedian)
      else { continue }
      canvas.rectangle(
        Rectangle(x: top.x, y: top.y, width: bottom.x - top.x, height: max(bottom.y - top.y, 1.5)))
      canvas.fill(Self.floor)
    }
    let most = Double(group.directions.count)
    plot.line(
      [(0.5, group.marchenkoPasturEdge), (most + 0.5, group.marchenkoPasturEdge)], on: canvas, color: Self.edge,
      width: 1.4, dash: Self.edgeDash)
  }
}
