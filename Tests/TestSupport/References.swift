//  Numbers that a script under Scripts/reference made.

public import Foundation

/// The cases in `Fixtures/<name>.json` of a test target. None if the file is missing or of another form, which the
/// target has to notice.
public func references<Case: Decodable>(_ name: String, in bundle: Bundle) -> [Case] {
  guard let url = bundle.url(forResource: "Fixtures/\(name)", withExtension: "json"),
    let data = try? Data(contentsOf: url)
  else { return [] }
  return (try? JSONDecoder().decode([Case].self, from: data)) ?? []
}
