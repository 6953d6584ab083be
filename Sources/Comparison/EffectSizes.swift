//  How large a difference is beside the scatter of runs, which no p value says.

enum EffectSizes {
  /// The chance that a run of the arm has a lower value than one of the baseline, ties counting half: U/(n m).
  static func probabilityOfImprovement(arm: [Double], baseline: [Double]) -> Double {
    var doubled = 0
    for a in arm {
      for b in baseline { doubled += a < b ? 2 : a == b ? 1 : 0 }
    }
    return Double(doubled) / Double(2 * arm.count * baseline.count)
  }

  /// Cohen's d of paired runs: mean difference over the deviation of differences; negative where the arm is lower. Nil
  /// where nothing scatters.
  static func paired(_ differences: [Double]) -> Double? {
    let deviation = differences.deviation
    return deviation > 0 ? differences.mean / deviation : nil
  }
}
