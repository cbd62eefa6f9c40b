"""The page that shows a campaign."""
