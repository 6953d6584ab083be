//  Not a check but a look: with ISDA_FIGURES_PREVIEW=<folder> the example figures are written there.

import Foundation
import Testing

@testable import Figures

@Suite("Example figures can be looked at")
struct PreviewTests {
  @Test(.enabled(if: ProcessInfo.processInfo.environment["ISDA_FIGURES_PREVIEW"] != nil))
  func write() throws {
    let folder = URL(fileURLWithPath: ProcessInfo.processInfo.environment["ISDA_FIGURES_PREVIEW"] ?? "")
    let many = SpectrumFigure(Examples.spectra(classes: 100), classNames: Examples.names(100), run: Examples.run)
    for figure in Examples.figures() + [many.figure(prefix: "hundred")] {
      _ = try figure.write(to: folder, provenance: Examples.provenance)
    }
  }
}
